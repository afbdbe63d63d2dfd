import { jobs, type JobState } from '../machine/upstart.ts';
import { always, fail, type Call, type Program } from '../shell/program.ts';

const jobNames = jobs.map(({ name }) => name);

function describe(state: JobState): string {
  const process = state.pid === null ? '' : `, process ${String(state.pid)}`;
  return `${state.job.name} ${state.running ? 'start/running' : 'stop/waiting'}${process}`;
}

/** `status|start|stop|restart JOB`; the rules are in machine/upstart.ts. */
function jobCommand(name: 'status' | 'start' | 'stop' | 'restart'): Program {
  return {
    name,
    // A batch would see one moment; these change what the commands after them see.
    isLive: always,
    complete: () => jobNames,
    run: (call) =>
      actOn(
        call,
        name,
        call.args.find((word) => !word.startsWith('-')),
      ),
  };
}

async function actOn(call: Call, action: string, job: string | undefined): Promise<number> {
  const { upstart } = call.shell.world.machine;
  if (job === undefined)
    return fail(call, `${action}: missing job name\nTry \`${action} --help' for more information.`);
  const state = upstart.find(job);
  if (!state) return fail(call, `${action}: Unknown job: ${job}`);
  if (call.shell.seat.user.uid !== 0 && action !== 'status')
    return fail(call, `${action}: Rejected send message, 1 matched rules`);
  // The text for a stopped job is inferred (chromeos-facts 5.2); a started one is upstart's own.
  if (action === 'start' && !upstart.start(job)) return fail(call, `start: Job is already running: ${job}`);
  if (action === 'stop' && !upstart.stop(job)) return fail(call, 'stop: Unknown instance: ');
  if (action === 'restart' && !upstart.restart(job)) return fail(call, 'restart: Unknown instance: ');
  await call.stdout.write(`${describe(state)}\n`);
  return 0;
}

const initctl: Program = {
  name: 'initctl',
  isLive: always,
  complete: (args) => (args.length === 0 ? ['list', 'status', 'start', 'stop', 'restart', 'version'] : jobNames),
  run: async (call) => {
    const [action = '', job] = call.args;
    const { upstart } = call.shell.world.machine;
    if (action === 'list') await call.stdout.write(upstart.all.map((state) => `${describe(state)}\n`).join(''));
    else if (action === 'version') await call.stdout.write('init (upstart 1.2)\n');
    else if (['status', 'start', 'stop', 'restart'].includes(action)) return actOn(call, action, job);
    else return fail(call, `initctl: invalid command: ${action}\nTry \`initctl --help' for more information.`);
    return 0;
  },
};

export const upstartCommands: readonly Program[] = [
  jobCommand('status'),
  jobCommand('start'),
  jobCommand('stop'),
  jobCommand('restart'),
  initctl,
];
