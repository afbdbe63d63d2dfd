import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from './paths.ts';
import type { ProgramAnswer } from './world.ts';

/**
 * Stand-in for cros_config (chromeos-facts.md section 9): prints a property without a line end, from the files that
 * ChromeOS keeps them in; a property that there is not gives nothing and 1.
 * @param folder of the configuration
 */
export function crosConfig(argv: readonly string[], folder: string = PATHS.chromeosConfig): ProgramAnswer {
  const [path = '', property = '', ...more] = argv;
  if (!path.startsWith('/') || property === '' || more.length > 0)
    return { stdout: '', stderr: 'Usage: cros_config [flags] <path> <key>\n', code: 1 };
  try {
    return { stdout: readFileSync(join(folder, path, property), 'utf8'), stderr: '', code: 0 };
  } catch {
    return { stdout: '', stderr: '', code: 1 };
  }
}
