import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { type DeviceConfig, defaultConfig } from './config.ts';
import { nameSchema } from './state.ts';
import { canRun, findTiers } from './tiers.ts';

const OPTIONS = {
  tier: { type: 'string' },
  arch: { type: 'string' },
  'release-image': { type: 'boolean' },
  'no-dlc': { type: 'boolean' },
  baguette: { type: 'boolean' },
  vm: { type: 'boolean' },
  'vmc-list': { type: 'string' },
  'vsh-log': { type: 'string' },
  'no-dev-mode': { type: 'boolean' },
  plain: { type: 'boolean' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** A device's configuration, as it is handed to its keeper. */
export const configSchema = v.object({
  name: nameSchema,
  tier: v.picklist([1, 2]),
  arch: v.picklist(['x86_64', 'aarch64']),
  testImage: v.boolean(),
  terminaDlc: v.boolean(),
  vmType: v.picklist(['crostini', 'baguette']),
  vmcListFormat: v.picklist(['2025-07', '2024-02', 'older']),
  vshRelease: v.picklist(['2026', '2022', '2018']),
  devMode: v.boolean(),
  plain: v.boolean(),
  user: v.object({ email: v.string(), hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)) }),
  guestUser: v.string(),
  timeZone: v.string(),
});

/** A mistake of whoever typed the command; shown without a stack. */
export class UsageError extends Error {}

/** Reads the command line. Throws a UsageError. */
export function parse(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Throws a UsageError unless it can be the name of a device. */
export function validName(name: string): string {
  const result = v.safeParse(nameSchema, name);
  if (!result.success)
    throw new UsageError(
      name ? `"${name}": ${result.issues[0].message}` : 'the name of a device is missing, as in "up dut"',
    );
  return result.output;
}

/** What the options were. */
export type Options = ReturnType<typeof parse>['values'];

/** The device that the options of `up` describe, of the best tier that can run here. Throws a UsageError. */
export function configOf(name: string, options: Options): DeviceConfig {
  const tier = chooseTier(options);
  const result = v.safeParse(configSchema, {
    ...defaultConfig(validName(name), tier.id),
    plain: tier.isPlain,
    ...(options.arch !== undefined && { arch: options.arch }),
    testImage: !options['release-image'],
    terminaDlc: !options['no-dlc'],
    devMode: !options['no-dev-mode'],
    ...(options.baguette && { vmType: 'baguette' }),
    ...(options['vmc-list'] !== undefined && { vmcListFormat: options['vmc-list'] }),
    ...(options['vsh-log'] !== undefined && { vshRelease: options['vsh-log'] }),
  });
  if (!result.success)
    throw new UsageError(`${v.getDotPath(result.issues[0]) ?? 'option'}: ${result.issues[0].message}`);
  return result.output;
}

/** The tier asked for, without namespaces where they are refused or not wanted; the best one unless one is asked for. */
function chooseTier(options: Options): { id: 1 | 2; isPlain: boolean } {
  const devices = findTiers().filter(({ id }) => id > 0);
  const wanted = options.plain ? '1' : options.tier;
  const possible = devices.filter(
    ({ id, isPlain }) => (wanted === undefined || String(id) === wanted) && (!options.plain || isPlain),
  );
  if (possible.length === 0) throw new UsageError(`--tier takes 1 or 2, not "${wanted}"`);
  const best = possible.filter(canRun).at(-1);
  if (best && best.id > 0) return { id: best.id === 2 ? 2 : 1, isPlain: best.isPlain };
  if (wanted === undefined) throw new UsageError('this machine cannot run one: see "npm run device -- doctor"');
  const obstacles = possible.flatMap((tier) => tier.obstacles.map(({ what, command }) => `${what} (${command})`));
  throw new UsageError(`tier ${wanted} cannot run here: ${[...new Set(obstacles)].join('; ')}`);
}
