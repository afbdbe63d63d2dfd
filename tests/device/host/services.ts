import { readFileSync, rmSync } from 'node:fs';
import { type Socket, createServer } from 'node:net';
import { join } from 'node:path';
import * as v from 'valibot';
import type { DeviceConfig } from '../config.ts';
import { burst } from './burst.ts';
import { initctl } from './initctl.ts';
import { JOBS } from './jobs.ts';
import { PATHS } from './paths.ts';
import { startUiLogs, startVmlog } from './other-logs.ts';
import { JobProcesses } from './processes.ts';
import { SESSION_PROGRAMS, rotateMessages } from './session-programs.ts';
import { connectSessionManager } from './session-manager.ts';
import { DeviceSession } from './session.ts';
import { Syslog } from './syslog.ts';
import { PROGRAMS } from './table.ts';
import { Upstart } from './upstart.ts';
import { VmLog, rotateDaily } from './vm-log.ts';
import { ConciergeVms } from './vms.ts';
import type { Program, ProgramAnswer, World } from './world.ts';

/*
 * The host services of the device in one process: upstart, the session manager, concierge, cicerone and
 * vmlog_forwarder, each in its own file. The stand-ins on the command line ask it over a socket.
 */

/** A request is one line of at most so many bytes. */
const REQUEST_MAX = 256 * 1024;

const requestSchema = v.object({
  program: v.string(),
  argv: v.array(v.string()),
  env: v.record(v.string(), v.string()),
});

const config = JSON.parse(readFileSync(PATHS.config, 'utf8')) as DeviceConfig;
const syslog = new Syslog();
let vmLog: VmLog | null = null;

const processes = new JobProcesses({
  ui: {
    started: async () => {
      await sessionManager.own();
      startUiLogs(jobs.pid('ui') ?? 0);
    },
    // Signed in is who the session manager knows of (chromeos-facts.md sections 4 and 6): its end ends the session.
    ended: async () => {
      if (session.user || session.isGuest)
        log('session_manager', 'info', '[session_manager_impl.cc:1390] Stopping all jobs of the session');
      vmLog?.close();
      vmLog = null;
      session.end();
      await sessionManager.release();
    },
  },
  vm_concierge: {
    // It counts from the start.
    started: () => vms.restartCounting(),
    stopping: () => vms.stopAll(),
  },
  vmlog_forwarder: rotateDaily(() => vmLog?.rotate()),
  shill: { started: () => log('shill', 'info', 'INFO:default_service.cc(12)] Connected to eth0') },
});
const upstart = new Upstart(JOBS, processes, (text, severity) => syslog.write('init', null, severity, text));
processes.attach(upstart);
const jobs: World['jobs'] = {
  pid: (name) => upstart.status(name)?.pid ?? null,
  isRunning: (name) => upstart.status(name)?.state === 'running',
};
const log: World['log'] = (tag, severity, text) => syslog.write(tag, jobs.pid(tag), severity, text);

const session = new DeviceSession({
  isPossible: () => jobs.isRunning('ui'),
  started: async () => {
    const hash = session.user?.hash;
    vmLog = hash === undefined ? null : new VmLog(join(PATHS.daemonStore, hash, 'log'), config.timeZone);
    vms.installCrostini();
    log(
      'session_manager',
      'info',
      `[session_manager_impl.cc:1020] Starting user session${session.isGuest ? ' (guest)' : ''}`,
    );
    await upstart.emit('start-user-session');
    await upstart.settled();
  },
  signOut: async () => {
    // Signing out restarts Chrome: `stopping ui` ends what belongs to a session (section 6).
    await upstart.restart('ui');
    await upstart.settled();
  },
});
const sessionManager = connectSessionManager(session, lost);

const writeConsole = (vm: string, cid: number, lines: readonly Buffer[]): void => {
  if (jobs.isRunning('vmlog_forwarder')) vmLog?.write(vm, cid, lines);
};
const vms = new ConciergeVms(config, () => session.user?.hash ?? null, writeConsole);

const world: World = {
  config,
  session,
  jobs,
  vms: {
    list: () => vms.list(),
    stop: (name) => vms.stop(name),
    create: (name, disk) => vms.create(name, disk),
    destroy: (name) => vms.destroy(name),
    resize: (name, bytes) => vms.resize(name, bytes),
    start: async (name) => {
      if (!jobs.isRunning('vm_concierge')) return { error: 'vm_concierge does not run' };
      log('vm_concierge', 'info', '[service.cc:1102] Received StartVm request');
      const result = await vms.start(name);
      if ('error' in result) log('vm_concierge', 'err', `[service.cc:1477] Failed to start ${name}: ${result.error}`);
      else {
        const cid = vms.list().find((vm) => vm.name === name)?.cid;
        log('vm_concierge', 'info', `[service.cc:2047] Started VM ${name} with cid ${cid}`);
        log(
          'vmlog_forwarder',
          'info',
          `[log_pipe.cc:273] Received VmStartingUpSignal for ${session.user?.hash}/${name}, cid ${cid}, type TERMINA`,
        );
        log('vm_cicerone', 'info', `[service.cc:760] Startup of container penguin for VM ${name} completed.`);
      }
      return result;
    },
  },
  log,
};

const initctlProgram: Program = (_world, { program, argv }) => initctl(upstart, program, argv);

const ALL: Readonly<Record<string, Program>> = {
  ...PROGRAMS,
  ...SESSION_PROGRAMS,
  ...Object.fromEntries(['start', 'stop', 'restart', 'status', 'initctl'].map((name) => [name, initctlProgram])),
  'device-rotate': () => {
    vmLog?.rotate();
    rotateMessages();
    return Promise.resolve({ stdout: 'logs rotated\n', stderr: '', code: 0 });
  },
  'device-burst': (all, { argv }) => burst(all, argv, writeConsole),
};

async function answer(line: string): Promise<ProgramAnswer> {
  const request = v.safeParse(v.pipe(v.string(), v.parseJson(), requestSchema), line);
  const program = request.success ? ALL[request.output.program] : undefined;
  if (!request.success || !program)
    return { stdout: '', stderr: 'the host services do not know this request\n', code: 1 };
  try {
    return await program(world, request.output);
  } catch (error) {
    return {
      stdout: '',
      stderr: `${request.output.program}: ${error instanceof Error ? error.message : String(error)}\n`,
      code: 1,
    };
  }
}

function serve(socket: Socket): void {
  let text = '';
  socket.on('error', () => socket.destroy());
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end < 0) {
      if (text.length > REQUEST_MAX) socket.destroy();
      return;
    }
    socket.removeAllListeners('data');
    void answer(text.slice(0, end)).then((result) => socket.end(`${JSON.stringify(result)}\n`));
  });
}

function lost(reason: string): void {
  console.error(reason);
  process.exit(1);
}

const vmlog = startVmlog();
await upstart.emit('startup');
await upstart.settled();
const server = createServer(serve);
rmSync(PATHS.services, { force: true });
server.listen(PATHS.services, () => console.log('ready'));

process.on('SIGTERM', () => {
  vmlog.stop();
  server.close();
  void vms.stopAll().finally(() => {
    processes.close();
    syslog.close();
    process.exit(0);
  });
});
