import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { DeviceConfig } from '../config.ts';
import { askServices } from './ask.ts';
import { crosConfig } from './cros-config.ts';
import { crossystem } from './crossystem.ts';
import { PATHS } from './paths.ts';
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
  cros_config: () => crosConfig(argv),
};

process.exitCode =
  program === 'vsh' ? await vsh(argv, config().vshRelease) : await finish(LOCAL[program]?.() ?? (await ask()));

async function ask(): Promise<ProgramAnswer> {
  const names = ['CROS_USER_ID_HASH', 'VMC_NONINTERACTIVE', 'PWD'];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => names.includes(name)));
  const answer = await askServices({ program, argv, env: v.parse(v.record(v.string(), v.string()), env) });
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
