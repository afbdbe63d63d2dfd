import { homedir, hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CHANNELS_MAX } from '#lib/protocol/limits.ts';
import { CHANNELS_LIMIT } from './limits.ts';
import { isLoopback } from './loopback.ts';
import { LOOPBACK_PEERS, isPeer } from './peers.ts';

/** The port that is tried first: unassigned by IANA, and the same every day, so that the sign-in cookie lasts. */
const DEFAULT_PORT = 7117;
/** Longest `--grace`, in minutes: a day. */
const GRACE_MAX = 24 * 60;

export interface Flags {
  readonly port: number;
  readonly host: string;
  readonly open: boolean;
  readonly device: string | undefined;
  readonly stateDirectory: string;
  /** A file; read by `targets-file.ts`. */
  readonly targets: string | undefined;
  readonly fixedTargets: boolean;
  /** How many channels at a time; undefined leaves it to the relay. */
  readonly channels: number | undefined;
  /** In ms; undefined leaves it to the relay. */
  readonly graceMs: number | undefined;
  /** Two files; read by `tls-files.ts`. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** The origin that browsers see, as they write it. */
  readonly proxy: string | undefined;
  /** The addresses and CIDR ranges that the proxy connects from; undefined without a proxy. */
  readonly proxyPeers: readonly string[] | undefined;
  /** A file, or `-` for stderr. */
  readonly audit: string | undefined;
}

export const USAGE = `npm start -- [flags]
  --port N           port to listen on; 0 picks a free one (default ${DEFAULT_PORT})
  --host NAME        address to listen on, or a name of it, which the link then has (default 127.0.0.1)
  --device ADDRESS   add this device and open the app on it, e.g. root@192.0.2.7
  --no-open          print the link only, open no browser
  --state DIR        where devices, host keys and sign-ins are kept
  --grace MINUTES    how long a command waits for a page that is gone (default 10, at most ${GRACE_MAX})
  --audit FILE       where the audit log goes; - is stderr (default audit.log in the state directory)

to share a relay:
  --tls-cert FILE    serve https with this certificate, PEM, its chain included
  --tls-key FILE     and its key, PEM without a passphrase
  --behind-proxy ORIGIN  serve the proxy of this origin, and no other, e.g. https://workbench.example
  --proxy-peers ADDRESSES  the proxy's own, e.g. 192.0.2.1,2001:db8::/64; all others are let go (needed with --host)
  --targets FILE     offer these devices, a JSON list: [{"address": "root@192.0.2.7", "label": "eve in the lab"}]
  --fixed-targets    offer no others, and let nobody add or remove one
  --channels N       terminals, logs and other commands at a time (default ${CHANNELS_MAX}, at most ${CHANNELS_LIMIT})

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
        grace: { type: 'string' },
        audit: { type: 'string' },
        targets: { type: 'string' },
        'fixed-targets': { type: 'boolean' },
        channels: { type: 'string' },
        'tls-cert': { type: 'string' },
        'tls-key': { type: 'string' },
        'behind-proxy': { type: 'string' },
        'proxy-peers': { type: 'string' },
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (values.help) return { help: true };

  const port = numberOf(values.port ?? String(DEFAULT_PORT), 65535);
  if (port === undefined)
    return { problem: `--port ${values.port} is not a port. Give a number from 0 to 65535, for example --port 0.` };
  const grace = values.grace === undefined ? undefined : numberOf(values.grace, GRACE_MAX);
  if (values.grace !== undefined && grace === undefined)
    return { problem: `--grace ${values.grace} is no number of minutes. Give one from 0 to ${GRACE_MAX}.` };
  const channels = values.channels === undefined ? undefined : numberOf(values.channels, CHANNELS_LIMIT);
  if (values.channels !== undefined && !channels)
    return { problem: `--channels ${values.channels} is no count. Give one from 1 to ${CHANNELS_LIMIT}.` };
  const host = values.host ?? '127.0.0.1';
  if (!URL.canParse(originOf(host, port)))
    return { problem: `--host ${host} is neither a name nor an address of this machine.` };

  const { 'tls-cert': cert, 'tls-key': key, 'behind-proxy': proxy, targets } = values;
  const proxyPeers = values['proxy-peers']?.split(',');
  if ((cert === undefined) !== (key === undefined))
    return { problem: '--tls-cert and --tls-key belong together: give both or none.' };
  if (proxy !== undefined && !isPublicOrigin(proxy))
    return {
      problem: `--behind-proxy ${proxy} is no origin that browsers may come from. Give what their address bar shows up to the first slash, with https: https://workbench.example.`,
    };
  if (!isLoopback(host) && cert === undefined && !proxy?.startsWith('https:'))
    return {
      problem: `--host ${host} would give root shells to a network that can be listened to. Keep to 127.0.0.1 and use a tunnel (ssh -L ${port}:127.0.0.1:${port} HOST), or give --tls-cert and --tls-key, or --behind-proxy with the origin of a proxy that speaks https.`,
    };
  if (proxyPeers && proxy === undefined)
    return { problem: '--proxy-peers needs --behind-proxy ORIGIN: without a proxy whoever connects is who asks.' };
  const badPeer = proxyPeers?.find((peer) => !isPeer(peer));
  if (badPeer !== undefined)
    return {
      problem: `--proxy-peers: "${badPeer}" is no IP address or range of them. Give them with commas and no blanks, for example 192.0.2.1,2001:db8::/64.`,
    };
  if (proxy !== undefined && !proxyPeers && !isLoopback(host))
    return {
      problem: `--host ${host} would let everybody on that network reach the relay past its proxy. Keep to 127.0.0.1, with the proxy on this machine, or name the addresses that the proxy connects from with --proxy-peers.`,
    };
  if (values['fixed-targets'] && targets === undefined)
    return { problem: '--fixed-targets needs --targets FILE: without it there would be no device at all.' };

  const state = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return {
    flags: {
      port,
      host,
      open: values['no-open'] !== true,
      device: values.device,
      stateDirectory: values.state ?? join(state, 'crostini-workbench'),
      targets,
      fixedTargets: values['fixed-targets'] === true,
      channels,
      graceMs: grace === undefined ? undefined : grace * 60_000,
      tls: cert === undefined || key === undefined ? undefined : { cert, key },
      proxy,
      // On loopback there is a proxy on this machine; those that were named come before it.
      proxyPeers:
        proxy === undefined ? undefined : [...(proxyPeers ?? []), ...(isLoopback(host) ? LOOPBACK_PEERS : [])],
      audit: values.audit,
    },
  };
}

/**
 * Whether several people use the relay, each with a link of their own: its devices are fixed, a proxy is before it, or it
 * listens on more than this machine. Any other relay is one person's, who started it and prints its links.
 */
export function isShared({ fixedTargets, proxy, host }: Pick<Flags, 'fixedTargets' | 'proxy' | 'host'>): boolean {
  return fixedTargets || proxy !== undefined || !isLoopback(host);
}

/** A whole number from 0 to `max`, written as one. */
function numberOf(text: string, max: number): number | undefined {
  return /^\d{1,9}$/.test(text) && Number(text) <= max ? Number(text) : undefined;
}

/** True for an origin as browsers write it, that is https or on the browser's own machine. */
function isPublicOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname: name, origin } = new URL(text);
  return text === origin && (protocol === 'https:' || (protocol === 'http:' && isLoopback(name)));
}

const isEverywhere = (host: string): boolean => host === '0.0.0.0' || host === '::';

/** Where a person on this machine finds a relay that listens on `host`. @param scheme without colon */
export function originOf(host: string, port: number, scheme: 'http' | 'https' = 'http'): string {
  const name = isEverywhere(host) ? '127.0.0.1' : host;
  const text = `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}`;
  return URL.canParse(text) ? new URL(text).origin : text;
}

/**
 * The origins under which a relay may be addressed: this machine's, and those of the certificate; with `--behind-proxy`
 * the proxy's only. The first is the one to print.
 * @param port that it listens on @param names of the certificate; undefined without TLS
 */
export function originsOf(
  { host, proxy }: Pick<Flags, 'host' | 'proxy'>,
  port: number,
  names?: readonly string[],
): [string, ...string[]] {
  if (proxy !== undefined) return [proxy];
  const own = ['127.0.0.1', 'localhost', '::1', ...(isEverywhere(host) ? machineNames() : [])];
  // Nobody can open a link to a wildcard: it comes last.
  const exact = names?.filter((name) => !name.startsWith('*')) ?? [];
  const all = [...exact, host, ...own, ...(names ?? [])].map((name) => originOf(name, port, names ? 'https' : 'http'));
  const [first = originOf(host, port), ...rest] = new Set(all.filter((origin) => URL.canParse(origin)));
  return [first, ...rest];
}

/** Every name and address of this machine, for a relay that listens on all of them. */
function machineNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  return [hostname(), ...addresses];
}
