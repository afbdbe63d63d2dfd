import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { parseAddress, sshDestination } from '#lib/domain/address.ts';
import type { Target } from '#lib/protocol/http.ts';
import { readJson, writeJson } from './state-file.ts';
import type { TransportTarget } from './transport.ts';

/** More devices than anybody has on a desk, few enough for one menu. */
const TARGETS_MAX = 64;

const storedSchema = v.array(
  v.object({ address: v.pipe(v.string(), v.maxLength(300)), oldAlgorithms: v.optional(v.boolean(), false) }),
);
type Stored = v.InferOutput<typeof storedSchema>[number];

/** A target that the relay itself brings: the practice devices. */
export type BuiltInTarget = TransportTarget & { readonly label: string };

export type AddResult = { readonly target: Target } | { readonly problem: string };

export interface TargetsOptions {
  /** Added devices outlive the relay here. */
  readonly file: string;
  readonly builtIn: readonly BuiltInTarget[];
  /** True if the name is a Host alias of the person's SSH configuration: then ssh knows user and port by itself. */
  readonly isAlias: (host: string) => Promise<boolean>;
}

/** The devices that pages may name, by id. Pages never name a host and port (web-terminals.md section 2, SSRF). */
export class Targets {
  readonly #options: TargetsOptions;
  #added: Stored[];

  constructor(options: TargetsOptions) {
    this.#options = options;
    this.#added = readJson(options.file, storedSchema) ?? [];
  }

  list(): Promise<Target[]> {
    return Promise.all([
      ...this.#added.map((stored) => this.#describe(targetOf(stored), stored.address, false)),
      ...this.#options.builtIn.map((target) => this.#describe(target, target.label, true)),
    ]);
  }

  find(id: string): TransportTarget | undefined {
    const added = this.#added.find(({ address }) => idOf(address) === id);
    return added ? targetOf(added) : this.#options.builtIn.find((target) => target.id === id);
  }

  /** Adds a device by address; one that is there already stays as it is, unless it is said to be old. */
  async add(text: string, oldAlgorithms = false): Promise<AddResult> {
    const result = parseAddress(text);
    if ('problem' in result) return result;
    const address = text.trim();
    const known = this.#added.find((other) => other.address === address);
    if (!known && this.#added.length >= TARGETS_MAX)
      return { problem: `The relay keeps ${TARGETS_MAX} devices at most. Remove one first.` };
    if (!known) this.#save([...this.#added, { address, oldAlgorithms }]);
    else if (oldAlgorithms) this.allowOldAlgorithms(idOf(address), true);
    const stored = { address, oldAlgorithms: oldAlgorithms || known?.oldAlgorithms === true };
    return { target: await this.#describe(targetOf(stored), address, false) };
  }

  /** Says whether SHA-1 and CBC will do for an added device; false if there is none. */
  allowOldAlgorithms(id: string, allowed: boolean): boolean {
    if (!this.#added.some(({ address }) => idOf(address) === id)) return false;
    this.#save(
      this.#added.map((stored) => (idOf(stored.address) === id ? { ...stored, oldAlgorithms: allowed } : stored)),
    );
    return true;
  }

  /** Forgets an added device; false if there is none. Built-in ones stay. */
  remove(id: string): boolean {
    const left = this.#added.filter(({ address }) => idOf(address) !== id);
    if (left.length === this.#added.length) return false;
    this.#save(left);
    return true;
  }

  #save(added: Stored[]): void {
    this.#added = added;
    writeJson(this.#options.file, added);
  }

  async #describe(target: TransportTarget, label: string, simulated: boolean): Promise<Target> {
    const { id, address, oldAlgorithms = false } = target;
    const result = parseAddress(address);
    if ('problem' in result) return { id, address, label, simulated, destination: address, oldAlgorithms };
    // An alias stands for user and port too; spelled out, ssh would not find its entry.
    const { user, host, port } = result.address;
    const alias = user === undefined && port === undefined && (await this.#options.isAlias(host));
    const destination = alias ? host : sshDestination(result.address);
    return { id, address, label, simulated, destination, oldAlgorithms };
  }
}

function targetOf({ address, oldAlgorithms }: Stored): TransportTarget {
  return { id: idOf(address), address, oldAlgorithms };
}

/** Stable over restarts, so that a page's remembered device stays itself. */
function idOf(address: string): string {
  return `device-${createHash('sha256').update(address).digest('base64url').slice(0, 16)}`;
}
