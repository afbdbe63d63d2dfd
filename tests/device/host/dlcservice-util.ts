import { parseFlags } from './brillo-flags.ts';
import { install, isInstalled, uninstall } from './dlc.ts';
import { PATHS } from './paths.ts';
import type { Program, ProgramAnswer, World } from './world.ts';

const FLAGS = {
  id: 'string',
  dlc_state: 'bool',
  list: 'bool',
  install: 'bool',
  uninstall: 'bool',
  dump: 'string',
} as const;

/** What it does one of. */
const OPERATIONS = ['install', 'uninstall', 'dlc_state', 'list'] as const;

/** DlcState.State of dlcservice.proto. */
const NOT_INSTALLED = 0;
const INSTALLED = 2;

/** base::JSONWriter's pretty print: sorted keys, three spaces. */
const pretty = (value: object): string => `${JSON.stringify(value, null, 3)}\n`;

const done = (stdout = ''): ProgramAnswer => ({ stdout, stderr: '', code: 0 });
const fail = (text: string): ProgramAnswer => ({ stdout: '', stderr: `ERROR dlcservice_util: ${text}\n`, code: 1 });

/**
 * Stand-in for dlcservice_util (chromeos-facts.md sections 7 and 9): `--list`, and with `--id=termina-dlc`
 * `--dlc_state`, `--install` and `--uninstall`. The texts of its refusals are not from ChromeOS.
 */
export const dlcserviceUtil: Program = ({ config }, { argv }) => {
  const parsed = parseFlags('dlcservice_util', 'dlcservice_util', FLAGS, argv);
  if ('exit' in parsed) return Promise.resolve(parsed.exit);
  return Promise.resolve(answer(parsed.flags, config));
};

function answer(flags: Readonly<Record<string, string>>, config: World['config']): ProgramAnswer {
  const asked = OPERATIONS.filter((name) => name in flags);
  if (asked.length !== 1) return fail('Exactly one of --install, --uninstall, --dlc_state, --list must be set.');
  if (asked[0] === 'list') return done(pretty(isInstalled() ? { 'termina-dlc': [TERMINA] } : {}));
  const { id } = flags;
  if (id === undefined || id === '') return fail('Please specify a single DLC ID.');
  if (id !== TERMINA.id) return fail(`Failed to handle DLC ${id}, unsupported DLC`);
  switch (asked[0]) {
    case 'install': {
      const problem = install(config);
      return problem === undefined ? done() : fail(`Failed to install DLC ${id}: ${problem}`);
    }
    case 'uninstall':
      uninstall();
      return done();
    default: {
      const installed = isInstalled();
      const state = {
        id,
        image_path: '',
        is_verified: true,
        last_error_code: 'org.chromium.DlcServiceInterface.None',
        progress: installed ? 1 : 0,
        root_path: installed ? PATHS.terminaDlc : '',
        state: installed ? INSTALLED : NOT_INSTALLED,
      };
      // A double is printed as one.
      return done(pretty(state).replace(/("progress": \d)/, '$1.0'));
    }
  }
}

const TERMINA = {
  'fs-type': 'squashfs',
  id: 'termina-dlc',
  image_type: 'dlc',
  name: 'Termina DLC',
  package: 'package',
  preallocated_size: '1073741824',
  root_mount: PATHS.terminaDlc,
  size: '412090368',
  version: '152.16765.0.0',
} as const;
