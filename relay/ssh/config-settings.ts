import type { Address } from '#lib/domain/address.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import { configProblem, type ConfigLine } from './config-file.ts';
import { matchesPatternList } from './patterns.ts';

/** What the configuration says of one host. */
export interface Settings {
  /** HostName with its tokens expanded, or the host as typed. */
  readonly host: string;
  /** From the address or the configuration. */
  readonly user: string | undefined;
  /** First line that set each keyword; ProxyJump and ProxyCommand are one, `proxy`. */
  readonly lines: ReadonlyMap<string, ConfigLine>;
  /** All of them, in order; ssh tries every one. */
  readonly identityFiles: readonly string[];
  /** Likewise. */
  readonly certificateFiles: readonly string[];
}

/** Keywords that the relay honours, each with the slot where the first one wins. */
const SLOTS: Readonly<Record<string, string>> = {
  hostname: 'hostname',
  port: 'port',
  user: 'user',
  identitiesonly: 'identitiesonly',
  identityagent: 'identityagent',
  hostkeyalias: 'hostkeyalias',
  proxyjump: 'proxy',
  proxycommand: 'proxy',
};

/**
 * Evaluates the sections that apply to a host, as OpenSSH's readconf.c does.
 *
 * The library's own `compute()` is not used: for a file of the user it would start a shell for `Match exec` and
 * nslookup for CanonicalizeHostname while the relay waits, its `?` also matches nothing, `hostname` in lower case
 * does not count for Match, and a Host section in a file that a Host section includes is lost (ssh-config 5.3.0).
 * `resolve.test.ts` compares the result with `ssh -G`.
 */
export function collectSettings(
  config: readonly ConfigLine[],
  address: Address,
  defaultUser: string,
  localUser: string,
): { readonly settings: Settings } | { readonly problem: Problem } {
  const state: State = {
    typedHost: address.host,
    patternHost: address.host,
    user: address.user,
    defaultUser,
    localUser,
    lines: new Map(),
    lists: { identityfile: [], certificatefile: [] },
    finalPass: false,
    wantsFinalPass: false,
    problem: null,
  };
  applyLines(config, true, state);
  if (state.wantsFinalPass && !state.problem) {
    // `Match final`: once more, with Host patterns compared with the resolved name; what is set stays.
    state.patternHost = currentHost(state);
    state.finalPass = true;
    applyLines(config, true, state);
  }
  if (state.problem) return { problem: state.problem };
  const { user, lines, lists } = state;
  return {
    settings: {
      host: currentHost(state),
      user: user ?? lines.get('user')?.words[0],
      lines,
      identityFiles: lists.identityfile,
      certificateFiles: lists.certificatefile,
    },
  };
}

interface State {
  readonly typedHost: string;
  patternHost: string;
  readonly user: string | undefined;
  readonly defaultUser: string;
  readonly localUser: string;
  readonly lines: Map<string, ConfigLine>;
  /** Of the keywords that may be said several times. */
  readonly lists: { readonly identityfile: string[]; readonly certificatefile: string[] };
  finalPass: boolean;
  wantsFinalPass: boolean;
  problem: Problem | null;
}

/** `active`: the enclosing section applies. A section within an included file never outlives that file. */
function applyLines(lines: readonly ConfigLine[], active: boolean, state: State): void {
  let applies = active;
  for (const line of lines) {
    if (state.problem) return;
    if (line.keyword === 'host') applies = active && matchesPatternList(line.words, state.patternHost);
    else if (line.keyword === 'match') applies = matchesCriteria(line, state) && active;
    else if (line.keyword === 'include') applyLines(line.included, applies, state);
    else if (applies) applyDirective(line, state);
  }
}

function applyDirective(line: ConfigLine, state: State): void {
  const { keyword } = line;
  const list = keyword === 'identityfile' || keyword === 'certificatefile' ? state.lists[keyword] : undefined;
  const slot = SLOTS[keyword];
  if (!list && slot === undefined) return;
  const value = line.words[0];
  if (value === undefined || value === '') state.problem = configProblem(line, 'a value is missing');
  else if (list) {
    if (!list.includes(value)) list.push(value);
  } else if (slot !== undefined && !state.lines.has(slot)) state.lines.set(slot, line);
}

function currentHost(state: State): string {
  const hostName = state.lines.get('hostname')?.words[0];
  if (hostName === undefined) return state.typedHost;
  return hostName.replace(/%([h%])/g, (_, token: string) => (token === 'h' ? state.typedHost : '%'));
}

/** Criteria are all to hold. `exec` never does: the relay runs nothing on this machine. */
function matchesCriteria(line: ConfigLine, state: State): boolean {
  const words = [...line.words];
  let result = true;
  while (words.length > 0) {
    const word = words.shift() ?? '';
    const negated = word.startsWith('!');
    const keyword = word.slice(negated ? 1 : 0).toLowerCase();
    if (keyword === 'all') continue;
    if (keyword === 'final' || keyword === 'canonical') {
      if (keyword === 'final') state.wantsFinalPass = true;
      if (state.finalPass === negated) result = false;
      continue;
    }
    const argument = words.shift();
    if (argument === undefined) {
      state.problem = configProblem(line, `Match ${keyword} needs a value`);
      return false;
    }
    const text = criterionText(keyword, state);
    if (text === undefined) result = false;
    else if (matchesList(argument, text, keyword !== 'user' && keyword !== 'localuser') === negated) result = false;
  }
  return result;
}

/** Host names compare without case: OpenSSH lowers the pattern (match.c, match_hostname). */
function matchesList(list: string, text: string, host: boolean): boolean {
  return matchesPatternList((host ? list.toLowerCase() : list).split(','), text);
}

function criterionText(keyword: string, state: State): string | undefined {
  switch (keyword) {
    case 'host':
      return currentHost(state);
    case 'originalhost':
      return state.typedHost;
    case 'user':
      return state.user ?? state.lines.get('user')?.words[0] ?? state.defaultUser;
    case 'localuser':
      return state.localUser;
    default:
      return undefined;
  }
}
