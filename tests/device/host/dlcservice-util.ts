import { parseFlags } from './brillo-flags.ts';
import { PATHS } from './paths.ts';
import type { Program, ProgramAnswer } from './world.ts';

const FLAGS = {
  id: 'string',
  dlc_state: 'bool',
  list: 'bool',
  install: 'bool',
  uninstall: 'bool',
  dump: 'string',
} as const;

/** DlcState.State of dlcservice.proto. */
const NOT_INSTALLED = 0;
const INSTALLED = 2;

/** base::JSONWriter's pretty print: sorted keys, three spaces. */
const pretty = (value: object): string => `${JSON.stringify(value, null, 3)}\n`;

/** Stand-in for dlcservice_util: `--id=… --dlc_state` and `--list` (chromeos-facts.md sections 7 and 9). */
export const dlcserviceUtil: Program = ({ config }, { argv }) => {
  const parsed = parseFlags('dlcservice_util', 'dlcservice_util', FLAGS, argv);
  if ('exit' in parsed) return Promise.resolve(parsed.exit);
  return Promise.resolve(answer(parsed.flags, config.terminaDlc));
};

function answer(flags: Readonly<Record<string, string>>, installed: boolean): ProgramAnswer {
  const fail = (text: string): ProgramAnswer => ({ stdout: '', stderr: `ERROR dlcservice_util: ${text}\n`, code: 1 });
  if ('list' in flags) {
    const termina = {
      'fs-type': 'squashfs',
      id: 'termina-dlc',
      image_type: 'dlc',
      name: 'Termina DLC',
      package: 'package',
      preallocated_size: '1073741824',
      root_mount: PATHS.terminaDlc,
      size: '412090368',
      version: '152.16765.0.0',
    };
    return { stdout: pretty(installed ? { 'termina-dlc': [termina] } : {}), stderr: '', code: 0 };
  }
  if (!('dlc_state' in flags)) return fail('Exactly one of --install, --uninstall, --dlc_state, --list must be set.');
  if (flags['id'] === undefined) return fail('Please specify a single DLC ID.');
  if (flags['id'] !== 'termina-dlc') return fail(`Failed to get state of DLC ${flags['id']}, unsupported DLC`);
  const state = {
    id: flags['id'],
    image_path: '',
    is_verified: true,
    last_error_code: 'org.chromium.DlcServiceInterface.None',
    progress: installed ? 1 : 0,
    root_path: installed ? PATHS.terminaDlc : '',
    state: installed ? INSTALLED : NOT_INSTALLED,
  };
  // A double is printed as one.
  return { stdout: pretty(state).replace(/("progress": \d)/, '$1.0'), stderr: '', code: 0 };
}
