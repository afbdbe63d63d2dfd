import { spawnSync } from 'node:child_process';
import type { DeviceConfig } from '../config.ts';
import type { ProgramAnswer } from './world.ts';

/** The machine's own uname, below the stand-in of the same name. */
const REAL = '/usr/bin/uname';

/** What uname says of this machine, with the device's architecture in the place of the machine's. */
export function uname(argv: readonly string[], { arch }: Pick<DeviceConfig, 'arch'>): ProgramAnswer {
  const { stdout, stderr, status } = spawnSync(REAL, argv, { encoding: 'utf8' });
  const own = spawnSync(REAL, ['-m'], { encoding: 'utf8' }).stdout.trim();
  // -m, -p, -i and -a print it as a word of its own; a release may hold it as a part.
  const renamed = stdout
    .split(' ')
    .map((word) => word.replace(new RegExp(`^${own}(\\n?)$`), `${arch}$1`))
    .join(' ');
  return { stdout: renamed, stderr, code: status ?? 1 };
}
