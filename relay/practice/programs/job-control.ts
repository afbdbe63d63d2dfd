import { always, fail, signalName, signalNumbers, statusOfSignal, type Call, type Program } from '../shell/program.ts';

/** `wait [PID|%N]…`: until they end; without operands all. */
const wait: Program = {
  name: 'wait',
  isLive: always,
  run: async (call) => {
    const { jobs } = call.shell;
    const stopped = new Promise<number>((resolve) =>
      call.signal.addEventListener('abort', () => resolve(statusOfSignal(String(call.signal.reason))), { once: true }),
    );
    if (call.args.length === 0) {
      await Promise.race([Promise.all(jobs.all.map(({ done }) => done)), stopped]);
      jobs.takeEnded();
      return 0;
    }
    let status = 0;
    for (const spec of call.args) {
      const job = jobs.find(spec);
      if (!job) {
        status = await fail(call, `bash: wait: pid ${spec} is not a child of this shell`, 127);
        continue;
      }
      status = await Promise.race([job.done, stopped]);
      if (job.status !== null) jobs.remove(job);
    }
    return status;
  },
};

const jobsProgram: Program = {
  name: 'jobs',
  isLive: always,
  run: async (call) => {
    for (const job of call.shell.jobs.all) {
      if (call.args.includes('-p')) await call.stdout.write(`${String(job.pid)}\n`);
      else
        await call.stdout.write(
          `[${String(job.number)}]+  ${(job.status === null ? 'Running' : 'Done').padEnd(24)}${job.text}${job.status === null ? ' &' : ''}\n`,
        );
    }
    return 0;
  },
};

/** `fg [%N]`: waits for it with the terminal's Ctrl-C in hand. */
const fg: Program = {
  name: 'fg',
  isLive: always,
  run: async (call) => {
    const job = call.shell.jobs.find(call.args[0] ?? '%%');
    if (!job) return fail(call, `bash: fg: ${call.args[0] ?? 'current'}: no such job`);
    await call.stdout.write(`${job.text}\n`);
    call.signal.addEventListener('abort', () => job.controller.abort(call.signal.reason), { once: true });
    const status = await job.done;
    call.shell.jobs.remove(job);
    return status;
  },
};

/** `kill [-SIGNAL] PID|%N…`: jobs of this shell, processes of the device. */
const kill: Program = {
  name: 'kill',
  isLive: always,
  run: async (call) => {
    const args = [...call.args];
    if (args[0] === '-l') {
      await call.stdout.write(
        Object.entries(signalNumbers)
          .map(([name, number]) => `${String(number)}) SIG${name}`)
          .join('\n') + '\n',
      );
      return 0;
    }
    let signal: string | null = 'TERM';
    let probe = false;
    if (args[0] === '-s' || args[0] === '-n') [, signal] = [args.shift(), signalName(args.shift())];
    else if (args[0]?.startsWith('-') && args[0] !== '--') {
      const given = args.shift()?.slice(1) ?? '';
      probe = given === '0';
      signal = probe ? 'TERM' : signalName(given);
      if (!signal) return fail(call, `bash: kill: ${given}: invalid signal specification`);
    }
    if (args[0] === '--') args.shift();
    if (args.length === 0)
      return fail(
        call,
        'kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]',
        2,
      );
    let status = 0;
    for (const spec of args) if (!(await deliver(call, spec, signal ?? 'TERM', probe))) status = 1;
    return status;
  },
};

async function deliver(call: Call, spec: string, signal: string, probe: boolean): Promise<boolean> {
  const job = call.shell.jobs.find(spec);
  if (job && job.status === null) {
    if (!probe) {
      job.controller.abort(signal);
      await job.done;
    }
    return true;
  }
  if (call.shell.world.machine.kill(Number(spec), probe)) return true;
  await call.stderr.write(
    `bash: kill: ${spec.startsWith('%') ? `${spec}: no such job` : `(${spec}) - No such process`}\n`,
  );
  return false;
}

/** `trap CODE EXIT`; traps for signals are taken and not run. */
const trap: Program = {
  name: 'trap',
  isLive: always,
  run: (call) => {
    const [code = '', ...signals] = call.args.filter((word) => word !== '--');
    if (signals.some((signal) => signal === 'EXIT' || signal === '0')) call.shell.exitTrap = code === '-' ? '' : code;
    return 0;
  },
};

export const jobControl: readonly Program[] = [wait, jobsProgram, fg, kill, trap];
