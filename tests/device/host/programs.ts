import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { DeviceConfig } from '../config.ts';
import { askServices } from './ask.ts';
import { crossystem } from './crossystem.ts';
import { PATHS } from './paths.ts';
import { uname } from './uname.ts';
import { vsh } from './vsh.ts';
import type { ProgramAnswer } from './world.ts';

/*
 * Every stand-in on the device, told apart by its first argument (boot/device.sh makes a command of each). Those that
 * need the caller's own terminal run here; the daemon answers for the others.
 */
const [program = '', ...argv] = process.argv.slice(2);

const config = (): DeviceConfig => JSON.parse(readFileSync(PATHS.config, 'utf8')) as DeviceConfig;

const LOCAL: Readonly<Record<string, () => ProgramAnswer>> = {
  crossystem: () => crossystem(argv, config()),
  uname: () => uname(argv, config()),
};

process.exitCode = program === 'vsh' ? await vsh(argv) : await finish(LOCAL[program]?.() ?? (await ask()));

async function ask(): Promise<ProgramAnswer> {
  const { CROS_USER_ID_HASH } = process.env;
  const answer = await askServices({
    program,
    argv,
    env: CROS_USER_ID_HASH === undefined ? {} : { CROS_USER_ID_HASH },
  });
  return answer ?? { stdout: '', stderr: `${program}: the host services of this device do not answer\n`, code: 1 };
}

/** Prints an answer, runs what is to run on this terminal after it, and gives the answer's code whatever that gave. */
async function finish({ stdout, stderr, code, then }: ProgramAnswer): Promise<number> {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  const [command, ...args] = then ?? [];
  if (command !== undefined) await once(spawn(command, args, { stdio: 'inherit' }), 'exit');
  return code;
}
