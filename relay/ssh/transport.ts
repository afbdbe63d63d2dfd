import { hostname, userInfo } from 'node:os';
import type { Problem } from '#lib/protocol/problem.ts';
import { problemOf } from './problems.ts';
import type { ExecRequest, ExecResult, Prompter, Transport, TransportTarget, TunnelResult } from '../transport.ts';
import { hasCompiledCiphers } from './client.ts';
import { loadConfig } from './config-file.ts';
import { connectRoute, type ConnectResult } from './connect.ts';
import { Connections } from './connections.ts';
import { HostKeys } from './host-keys.ts';
import { execExplained, tunnelExplained } from './loss-reason.ts';
import { DEADLINES, type Deadlines, type SshTransportOptions } from './options.ts';
import type { Ask } from './questions.ts';
import { RemainsJournal } from './remains-journal.ts';
import { Remains } from './remains.ts';
import { resolveRoute, type LocalUser } from './resolve.ts';
import { Windows } from './windows.ts';

export type { SshTransportOptions } from './options.ts';

/** The relay's way to real devices: SSH as the person's own `ssh` would go, by their configuration, keys and agent. */
export function createSshTransport(options: SshTransportOptions): Transport {
  if (!hasCompiledCiphers()) options.log('warn', {}, SLOW);
  return new SshTransport(options);
}

const SLOW =
  "ssh2's compiled ciphers (sshcrypto.node) are missing: everything works, at about twice the CPU time. To build them, " +
  'with g++, make and python3 installed: npm rebuild ssh2';

class SshTransport implements Transport {
  readonly #options: SshTransportOptions;
  readonly #deadlines: Deadlines;
  readonly #hostKeys: HostKeys;
  /** By target as it was at the time: another address under the same id is another device. */
  readonly #connections = new Map<string, Connections>();
  /** By a target's id, for as long as something may be left there. A mark is ended where it is found, and nowhere else. */
  readonly #remains = new Map<string, Remains>();
  readonly #journal: RemainsJournal | undefined;
  #closed = false;

  constructor(options: SshTransportOptions) {
    this.#options = options;
    this.#deadlines = { ...DEADLINES, ...options.deadlines };
    this.#hostKeys = new HostKeys(options.knownHostsFile, options.home, options.systemKnownHostsFiles, options.log);
    this.#journal =
      options.remainsDirectory === undefined ? undefined : new RemainsJournal(options.remainsDirectory, options.log);
  }

  exec(target: TransportTarget, request: ExecRequest, prompter: Prompter, signal: AbortSignal): Promise<ExecResult> {
    return execExplained(target, () => this.#ask(target, (connections) => connections.exec(request, prompter, signal)));
  }

  tunnel(target: TransportTarget, prompter: Prompter, signal: AbortSignal): Promise<TunnelResult> {
    return tunnelExplained(target, () => this.#ask(target, (connections) => connections.tunnel(prompter, signal)));
  }

  async #ask<Result>(
    target: TransportTarget,
    ask: (connections: Connections) => Promise<Result>,
  ): Promise<Result | { readonly problem: Problem }> {
    if (this.#closed) return { problem: RELAY_STOPPING };
    try {
      return await ask(this.#connectionsOf(target));
    } catch (error) {
      // A mistake of this program; what a network may do is a Problem already.
      this.#options.log(
        'error',
        { target: target.id, error: error instanceof Error ? error.stack : String(error) },
        'ssh failed',
      );
      return { problem: problemOf('internal', `The SSH part of the relay failed at ${target.address}.`) };
    }
  }

  trustHostKey(target: TransportTarget, fingerprint: string): Promise<boolean> {
    return this.#hostKeys.trust(keyOf(target), fingerprint);
  }

  get connections(): number {
    return [...this.#connections.values()].reduce((sum, { size }) => sum + size, 0);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#connections.values()].map((connections) => connections.close(RELAY_STOPPING)));
    this.#journal?.close();
  }

  #remainsOf(id: string): Remains {
    const known = this.#remains.get(id);
    if (known) return known;
    const journal = this.#journal;
    const remains = journal
      ? new Remains(journal.takeLeft(id), {
          start: (mark) => journal.start(mark, id),
          end: (marks) => journal.end(marks),
        })
      : new Remains();
    this.#remains.set(id, remains);
    return remains;
  }

  #connectionsOf(target: TransportTarget): Connections {
    const key = keyOf(target);
    const known = this.#connections.get(key);
    if (known) return known;
    const remains = this.#remainsOf(target.id);
    const windows = new Windows();
    const connections: Connections = new Connections(
      target.address,
      (ask, password, signal) => this.#connect(target, { remains, windows }, ask, password, signal),
      this.#deadlines,
      () => {
        if (this.#connections.get(key) !== connections) return;
        this.#connections.delete(key);
        if (remains.left.length === 0) this.#remains.delete(target.id);
      },
    );
    this.#connections.set(key, connections);
    return connections;
  }

  async #connect(
    target: TransportTarget,
    shared: { readonly remains: Remains; readonly windows: Windows },
    ask: Ask,
    password: string | null,
    signal: AbortSignal,
  ): Promise<ConnectResult> {
    const config = await loadConfig(this.#options.home, this.#options.systemConfigFile);
    if ('problem' in config) return config;
    const resolved = resolveRoute(config.lines, target.address, localUser(this.#options), target.hostKeyAlias);
    if ('problem' in resolved) return resolved;
    return connectRoute(resolved.route, {
      target: keyOf(target),
      ...shared,
      password: password ?? target.password ?? null,
      oldAlgorithms: target.oldAlgorithms ?? false,
      ask,
      signal,
      hostKeys: this.#hostKeys,
      deadlines: this.#deadlines,
      options: this.#options,
    });
  }
}

const RELAY_STOPPING = problemOf('relay-stopping', 'The relay was stopped.');

function keyOf(target: TransportTarget): string {
  return JSON.stringify([target.id, target.address, target.hostKeyAlias ?? null, target.oldAlgorithms ?? false]);
}

function localUser(options: SshTransportOptions): LocalUser {
  const { uid, username } = currentUser(options.environment);
  return { home: options.home, name: username, id: uid, hostName: hostname(), environment: options.environment };
}

/** userInfo throws for an account without an entry (containers run under any uid). */
function currentUser(environment: SshTransportOptions['environment']): {
  readonly uid: number;
  readonly username: string;
} {
  try {
    return userInfo();
  } catch {
    return { uid: process.getuid?.() ?? 0, username: environment['USER'] ?? environment['LOGNAME'] ?? 'root' };
  }
}
