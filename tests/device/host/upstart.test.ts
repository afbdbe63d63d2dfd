import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JOBS } from './jobs.ts';
import { Upstart, type JobDefinition } from './upstart.ts';

const VM_JOBS = [
  'vm_concierge',
  'vm_cicerone',
  'chunneld',
  'vhost_user_starter',
  'seneschal',
  'crosdns',
  'vmlog_forwarder',
];

/** Upstart with processes that are only numbers, and do as they are told in their own time. */
function boot(definitions: readonly JobDefinition[] = JOBS) {
  let lastPid = 100;
  let clock = 0;
  const steps: string[] = [];
  const log: string[] = [];
  const upstart: Upstart = new Upstart(
    definitions,
    {
      spawn: (job) => {
        const pid = (lastPid += 1);
        steps.push(`+${job}`);
        queueMicrotask(() => upstart.isUp(job, pid));
        return pid;
      },
      end: (job, pid) => {
        steps.push(`-${job}`);
        queueMicrotask(() => upstart.hasEnded(job, pid, null));
      },
    },
    (text, severity) => severity === 'warning' && log.push(text),
    () => clock,
  );
  const running = () => upstart.names.filter((name) => upstart.status(name)?.state === 'running');
  const pids = () => Object.fromEntries(VM_JOBS.map((name) => [name, upstart.status(name)?.pid]));
  const kill = (name: string) => upstart.hasEnded(name, upstart.status(name)?.pid ?? 0, 'killed by KILL signal');
  return { upstart, steps, log, running, pids, kill, tick: (milliseconds: number) => (clock += milliseconds) };
}

async function signedIn() {
  const device = boot();
  await device.upstart.emit('startup');
  await device.upstart.settled();
  await device.upstart.emit('start-user-session');
  await device.upstart.settled();
  device.steps.length = 0;
  return device;
}

describe('jobs of VMs (chromeos-facts.md section 6)', () => {
  it('run only while somebody is signed in', async () => {
    const { upstart, running } = boot();
    await upstart.emit('startup');
    await upstart.settled();
    expect(running()).toContain('ui');
    expect(running()).not.toEqual(expect.arrayContaining(['vm_concierge']));
    await upstart.emit('start-user-session');
    await upstart.settled();
    expect(running()).toEqual(expect.arrayContaining([...VM_JOBS, 'shadercached']));
    expect(upstart.status('vm_concierge_nodefer')).toEqual({ goal: 'stop', state: 'waiting', pid: null });
    await upstart.stop('ui');
    await upstart.settled();
    for (const name of VM_JOBS) expect(upstart.status(name)?.state).toBe('waiting');
  });

  it('start before concierge or after it, as their start on says', async () => {
    const { upstart, steps } = await signedIn();
    await upstart.stop('vm_concierge');
    await upstart.settled();
    steps.length = 0;
    await upstart.start('vm_concierge');
    await upstart.settled();
    const at = (name: string) => steps.indexOf(`+${name}`);
    for (const name of ['seneschal', 'crosdns', 'vmlog_forwarder']) expect(at(name)).toBeLessThan(at('vm_concierge'));
    for (const name of ['vm_cicerone', 'chunneld', 'vhost_user_starter'])
      expect(at(name)).toBeGreaterThan(at('vm_concierge'));
  });
});

describe('restart (chromeos-facts.md section 5.2)', () => {
  it('gives only concierge a new process: its siblings never hear of a stop', async () => {
    const { upstart, pids, steps } = await signedIn();
    const before = pids();
    expect(await upstart.restart('vm_concierge')).toEqual({ ok: true });
    await upstart.settled();
    expect(steps).toEqual(['-vm_concierge', '+vm_concierge']);
    expect(pids()).toEqual({ ...before, vm_concierge: upstart.status('vm_concierge')?.pid });
    expect(pids()['vm_concierge']).not.toBe(before['vm_concierge']);
  });

  it('is not what stop and start are: those renew all of them', async () => {
    const { upstart, pids } = await signedIn();
    const before = pids();
    expect(await upstart.stop('vm_concierge')).toEqual({ ok: true });
    expect(await upstart.start('vm_concierge')).toEqual({ ok: true });
    await upstart.settled();
    for (const name of VM_JOBS) expect(pids()[name]).not.toBe(before[name]);
  });

  it('of ui ends the session: stopping ui is emitted all the same', async () => {
    const { upstart } = await signedIn();
    await upstart.restart('ui');
    await upstart.settled();
    expect(upstart.status('ui')?.state).toBe('running');
    expect(upstart.status('vm_concierge')?.state).toBe('waiting');
  });
});

describe('commands that are refused (chromeos-facts.md section 5.2)', () => {
  it.each([
    ['start', 'vm_concierge', 'Job is already running: vm_concierge'],
    ['start', 'foo', 'Unknown job: foo'],
    ['stop', 'foo', 'Unknown job: foo'],
    ['restart', 'foo', 'Unknown job: foo'],
    ['stop', 'vm_concierge_nodefer', 'Unknown instance: '],
    ['restart', 'vm_concierge_nodefer', 'Unknown instance: '],
  ] as const)('%s %s: %s', async (command, name, error) => {
    const { upstart } = await signedIn();
    expect(await upstart[command](name)).toEqual({ ok: false, error });
  });
});

describe("a process that dies (upstart's respawn)", () => {
  it('comes back with a new pid while its siblings stay', async () => {
    const { upstart, pids, kill, log } = await signedIn();
    const before = pids();
    kill('vm_concierge');
    await upstart.settled();
    expect(pids()).toEqual({ ...before, vm_concierge: upstart.status('vm_concierge')?.pid });
    expect(log).toEqual([
      `vm_concierge main process (${before['vm_concierge']}) killed by KILL signal`,
      'vm_concierge main process ended, respawning',
    ]);
  });

  it('is given up on when it dies more than ten times in five seconds', async () => {
    const { upstart, kill, tick, log } = await signedIn();
    for (let i = 0; i < 20; i += 1) {
      kill('vm_concierge');
      await upstart.settled();
      tick(600);
    }
    expect(upstart.status('vm_concierge')?.state).toBe('running');
    for (let i = 0; i < 11; i += 1) {
      kill('vm_concierge');
      await upstart.settled();
    }
    expect(log.at(-1)).toBe('vm_concierge respawning too fast, stopped');
    expect(upstart.status('vm_cicerone')?.state).toBe('waiting');
  });
});

it('comes to rest whatever is asked of it in whatever order, with a pid exactly for what runs', async () => {
  const command = fc.tuple(fc.constantFrom('start', 'stop', 'restart', 'kill'), fc.constantFrom('ui', ...VM_JOBS));
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 12 }), async (commands) => {
      const { upstart, kill } = await signedIn();
      const answers = commands.map(async ([verb, name]) => (verb === 'kill' ? kill(name) : upstart[verb](name)));
      await upstart.settled();
      await Promise.all(answers);
      for (const { name, hasProcess } of JOBS) {
        const status = upstart.status(name);
        expect(status?.state).toBe(status?.goal === 'start' ? 'running' : 'waiting');
        expect(status?.pid !== null).toBe(hasProcess && status?.state === 'running');
      }
    }),
    { numRuns: 60 },
  );
});
