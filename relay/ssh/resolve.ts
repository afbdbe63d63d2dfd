import { join } from 'node:path';
import { parseAddress, type Address } from '#lib/domain/address.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import { configProblem, type ConfigLine } from './config-file.ts';
import { collectSettings, type Settings } from './config-settings.ts';
import { endpointName, problemOf } from './problems.ts';

/** One SSH server on the way, with everything needed to log in to it. */
export interface Hop {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The name its host key is filed under (known_hosts): HostKeyAlias, `host`, or `[host]:port` when the port is not 22. */
  readonly hostKeyName: string;
  /** Paths of IdentityFile; null when none is configured, empty for `IdentityFile none`. */
  readonly identityFiles: readonly string[] | null;
  /** Paths of CertificateFile. Beside each key its own is looked for, too. */
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** IdentityAgent's socket; null for `none`, undefined for SSH_AUTH_SOCK. */
  readonly identityAgent: string | null | undefined;
}

/** The servers in the order they are connected: jump hosts, then the target. Never empty. */
export type Route = readonly Hop[];

/** What tokens and defaults stand for. */
export interface LocalUser {
  readonly home: string;
  /** Name of the person's account: ssh's default for jump hosts, and `%u`. */
  readonly name: string;
  readonly id: number;
  readonly hostName: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export type RouteResult = { readonly route: Route } | { readonly problem: Problem };

/** A route longer than this is a mistake. */
const HOPS_MAX = 8;

const DEFAULT_PORT = 22;

/** A device is logged in to as root; its jump hosts as ssh would: with the person's own name. */
const DEVICE_USER = 'root';

/**
 * Where an address leads, by the user's ssh_config as ssh(1) reads it; what the address says itself wins.
 * `hostKeyAlias` overrides the name that the target's key is filed under. Pure: all files are read already.
 */
export function resolveRoute(
  config: readonly ConfigLine[],
  text: string,
  local: LocalUser,
  hostKeyAlias?: string,
): RouteResult {
  const parsed = parseAddress(text);
  // An address that was accepted earlier is no longer one: the closest action is to correct its name.
  if ('problem' in parsed) return { problem: problemOf('name-not-found', parsed.problem) };
  const result = resolveHops(config, parsed.address, DEVICE_USER, undefined, [], local);
  if ('problem' in result || hostKeyAlias === undefined) return result;
  const target = result.route.at(-1);
  if (!target) throw new Error('A route has no target.');
  return { route: [...result.route.slice(0, -1), { ...target, hostKeyName: hostKeyAlias.toLowerCase() }] };
}

/**
 * As ssh does it: `ProxyJump a,b` connects to b by way of a, whatever b's own ProxyJump says; a uses its own.
 * `jumps`: that rest of the list. `trail`: who is asking, to notice loops.
 */
function resolveHops(
  config: readonly ConfigLine[],
  address: Address,
  defaultUser: string,
  jumps: readonly Address[] | undefined,
  trail: readonly string[],
  local: LocalUser,
): RouteResult {
  const collected = collectSettings(config, address, defaultUser, local.name);
  if ('problem' in collected) return collected;
  const settings = collected.settings;
  const hop = makeHop(settings, address, defaultUser, local);
  if ('problem' in hop) return hop;

  const name = endpointName(hop.hop);
  if (trail.includes(name))
    return {
      problem: problemOf(
        'ssh-config-invalid',
        `ProxyJump goes in a circle: ${[...trail, name].join(' → ')}. ${CIRCLE_ADVICE}`,
      ),
    };
  if (trail.length >= HOPS_MAX)
    return {
      problem: problemOf(
        'ssh-config-invalid',
        `ProxyJump goes over more than ${HOPS_MAX} hosts: ${trail.join(' → ')}.`,
      ),
    };

  const way = jumps ? { jumps } : jumpsOf(settings, hop.hop, address);
  if ('problem' in way) return way;
  const last = way.jumps.at(-1);
  if (!last) return { route: [hop.hop] };
  const rest = way.jumps.slice(0, -1);
  const before = resolveHops(config, last, local.name, rest.length > 0 ? rest : undefined, [...trail, name], local);
  return 'problem' in before ? before : { route: [...before.route, hop.hop] };
}

const CIRCLE_ADVICE = 'Exclude the jump host from that rule in ~/.ssh/config, as in "Host * !bastion".';

function makeHop(
  settings: Settings,
  address: Address,
  defaultUser: string,
  local: LocalUser,
): { readonly hop: Hop } | { readonly problem: Problem } {
  const portLine = settings.lines.get('port');
  const port = address.port ?? (portLine ? Number(portLine.words[0]) : DEFAULT_PORT);
  if (portLine && address.port === undefined && !(Number.isInteger(port) && port >= 1 && port <= 65535))
    return { problem: configProblem(portLine, `Port is a number from 1 to 65535, not "${portLine.words[0] ?? ''}"`) };
  const host = settings.host.toLowerCase();
  // HostName may say anything; what goes to the resolver has to look like a name or an address.
  // eslint-disable-next-line no-control-regex -- control characters are what this refuses
  if (host === '' || /[\s/\\@"'\u0000-\u001f]/.test(host)) {
    const line = settings.lines.get('hostname');
    const reason = `"${settings.host}" is no host name`;
    return { problem: line ? configProblem(line, reason) : problemOf('name-not-found', `${reason}.`) };
  }
  const user = settings.user ?? defaultUser;
  const alias = settings.lines.get('hostkeyalias')?.words[0]?.toLowerCase();
  const expand = (word: string) => expandPath(word, { host, port, user, original: address.host, local });
  const files = settings.identityFiles.filter((file) => file.toLowerCase() !== 'none');
  return {
    hop: {
      host,
      port,
      user,
      hostKeyName: alias ?? (port === DEFAULT_PORT ? host : `[${host}]:${port}`),
      identityFiles: settings.identityFiles.length === 0 ? null : [...new Set(files.map(expand))],
      certificateFiles: settings.certificateFiles.map(expand),
      identitiesOnly: isYes(settings.lines.get('identitiesonly')?.words[0]),
      identityAgent: identityAgentOf(settings, local, expand),
    },
  };
}

function isYes(word: string | undefined): boolean {
  return word !== undefined && /^(yes|true)$/i.test(word);
}

function identityAgentOf(
  settings: Settings,
  local: LocalUser,
  expand: (word: string) => string,
): string | null | undefined {
  const word = settings.lines.get('identityagent')?.words[0];
  if (word === undefined || word === 'SSH_AUTH_SOCK') return undefined;
  if (word.toLowerCase() === 'none') return null;
  if (/^\$\w+$/.test(word)) return local.environment[word.slice(1)] ?? null;
  return expand(word);
}

/** ProxyJump and ProxyCommand share one slot: whichever comes first wins (ssh_config(5)). */
function jumpsOf(
  settings: Settings,
  hop: Hop,
  address: Address,
): { readonly jumps: readonly Address[] } | { readonly problem: Problem } {
  const line = settings.lines.get('proxy');
  const value = line?.words.join(' ').trim() ?? 'none';
  if (!line || value.toLowerCase() === 'none') return { jumps: [] };
  if (line.keyword === 'proxycommand')
    return {
      problem: configProblem(
        line,
        'ProxyCommand runs a program, which the relay does not do; ProxyJump reaches the same host',
      ),
    };
  const jumps: Address[] = [];
  const tokens: Record<string, string> = { '%': '%', h: hop.host, n: address.host, p: String(hop.port), r: hop.user };
  for (const item of value.split(',')) {
    const parsed = parseAddress(expandTokens(item, tokens));
    if ('problem' in parsed) return { problem: configProblem(line, `ProxyJump: ${parsed.problem.replace(/\.$/, '')}`) };
    jumps.push(parsed.address);
  }
  return { jumps };
}

/** Tokens and `~` of IdentityFile, CertificateFile and IdentityAgent (ssh_config(5), TOKENS), and `${NAME}` from the environment. */
function expandPath(
  word: string,
  of: { host: string; port: number; user: string; original: string; local: LocalUser },
): string {
  const { local } = of;
  const withEnvironment = word.replace(/\$\{(\w+)\}/g, (whole, name: string) => local.environment[name] ?? whole);
  const tokens: Record<string, string> = {
    '%': '%',
    d: local.home,
    h: of.host,
    i: String(local.id),
    L: local.hostName.replace(/\..*$/, ''),
    l: local.hostName,
    n: of.original,
    p: String(of.port),
    r: of.user,
    u: local.name,
  };
  const path = expandTokens(withEnvironment, tokens);
  if (path === '~' || path.startsWith('~/')) return join(local.home, path.slice(1));
  return path.startsWith('/') ? path : join(local.home, '.ssh', path);
}

/** An unknown token stays as it is. */
function expandTokens(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (whole, token: string) =>
    Object.hasOwn(tokens, token) ? (tokens[token] ?? whole) : whole,
  );
}
