import { homedir, hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** The port that is tried first: unassigned by IANA, and the same every day, so that the sign-in cookie lasts. */
const DEFAULT_PORT = 7117;

export interface Flags {
  readonly port: number;
  readonly host: string;
  readonly open: boolean;
  readonly device: string | undefined;
  readonly stateDirectory: string;
}

export const USAGE = `npm start -- [flags]
  --port N           port to listen on; 0 picks a free one (default ${DEFAULT_PORT})
  --host NAME        address to listen on (default 127.0.0.1)
  --device ADDRESS   add this device and open the app on it, e.g. root@192.0.2.7
  --no-open          print the link only, open no browser
  --state DIR        where devices, host keys and sign-ins are kept
  --help             print this
`;

/** Reads the command line. `problem` is one sentence for the person who typed it. */
export function parseFlags(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { flags: Flags } | { problem: string } | { help: true } {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        device: { type: 'string' },
        'no-open': { type: 'boolean' },
        state: { type: 'string' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { help: true };
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65535 || values.port === '')
    return { problem: `--port ${values.port} is not a port. Give a number from 0 to 65535, for example --port 0.` };
  const state = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return {
    flags: {
      port,
      host: values.host ?? '127.0.0.1',
      open: values['no-open'] !== true,
      device: values.device,
      stateDirectory: values.state ?? join(state, 'crostini-workbench'),
    },
  };
}

/** The names under which a relay that listens on `host` may be addressed. */
export function namesOf(host: string, addresses: readonly string[]): string[] {
  const everywhere = host === '0.0.0.0' || host === '::';
  return [...new Set(['127.0.0.1', 'localhost', '::1', ...(everywhere ? addresses : [host])])].map((name) =>
    name.toLowerCase(),
  );
}

/** Every name and address of this machine, for a relay that listens on all of them. */
export function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  return [hostname(), ...addresses];
}

/** Where a person on this machine finds a relay that listens on `host`. */
export function originOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
