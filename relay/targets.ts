import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { parseAddress, sshDestination } from '#lib/domain/address.ts';
import type { Target } from '#lib/protocol/http.ts';
import { TARGETS_MAX } from './limits.ts';
import { readJson, writeJson } from './state-file.ts';
import type { ListedTarget } from './targets-file.ts';
import type { TransportTarget } from './transport.ts';

const storedSchema = v.array(
  v.object({ address: v.pipe(v.string(), v.maxLength(300)), oldAlgorithms: v.optional(v.boolean(), false) }),
);
type Stored = v.InferOutput<typeof storedSchema>[number];

/** As long as a label may be (protocol/http.ts). */
const LABEL_MAX = 100;

/** A target that the relay itself brings: the practice devices. */
export type BuiltInTarget = TransportTarget & { readonly label: string };

/** `before`: what the target was; undefined where it is new. */
export type AddResult =
  { readonly target: Target; readonly before: TransportTarget | undefined } | { readonly problem: string };

export interface TargetsOptions {
  /** Added devices outlive the relay here. */
  readonly file: string;
  readonly builtIn: readonly BuiltInTarget[];
  /** Those of `--targets`: pages can neither add, change nor remove one of them. */
  readonly listed: readonly ListedTarget[];
  /** Only the listed ones: no page can add any, and neither built-in nor formerly added ones are there. */
  readonly fixed: boolean;
  /** True if the name is a Host alias of the person's SSH configuration: then ssh knows user and port by itself. */
  readonly isAlias: (host: string) => Promise<boolean>;
  /** The file could not be read and was set aside. */
  readonly onBroken?: (aside: string) => void;
}

/** The devices that pages may name, by id. Pages never name a host and port (web-terminals.md section 2, SSRF). */
export class Targets {
  readonly #options: TargetsOptions;
  #added: readonly Stored[];

  constructor(options: TargetsOptions) {
    this.#options = options;
    this.#added = options.fixed
      ? []
      : (readJson(options.file, storedSchema, options.onBroken) ?? []).filter(
          ({ address }) => !this.isListed(idOf(address)),
        );
  }

  get fixed(): boolean {
    return this.#options.fixed;
  }

  list(): Promise<Target[]> {
    return Promise.all([
      ...this.#options.listed.map((listed) => this.#describe(targetOf(listed), { label: listed.label })),
      ...this.#added.map((stored) => this.#describe(targetOf(stored), { removable: true })),
      ...this.#builtIn.map((target) => this.#describe(target, { label: target.label, simulated: true })),
    ]);
  }

  find(id: string): TransportTarget | undefined {
    const known = [...this.#options.listed, ...this.#added].find(({ address }) => idOf(address) === id);
    return known ? targetOf(known) : this.#builtIn.find((target) => target.id === id);
  }

  isListed(id: string): boolean {
    return this.#options.listed.some(({ address }) => idOf(address) === id);
  }

  /** Adds a device by address; one that is there already stays as it is, unless it is said to be old. @throws FileProblem */
  async add(text: string, oldAlgorithms = false): Promise<AddResult> {
    const result = parseAddress(text);
    if ('problem' in result) return result;
    const address = text.trim();
    const listed = this.#options.listed.find((other) => other.address === address);
    const before = this.find(idOf(address));
    if (listed) return { target: await this.#describe(targetOf(listed), { label: listed.label }), before };
    if (this.fixed) return { problem: `The devices of this relay are fixed, and ${address} is none of them.` };
    const known = this.#added.find((other) => other.address === address);
    if (!known && this.#added.length >= TARGETS_MAX)
      return { problem: `The relay keeps ${TARGETS_MAX} devices at most. Remove one first.` };
    if (!known) this.#save([...this.#added, { address, oldAlgorithms }]);
    else if (oldAlgorithms) this.allowOldAlgorithms(idOf(address), true);
    const stored = { address, oldAlgorithms: oldAlgorithms || known?.oldAlgorithms === true };
    return { target: await this.#describe(targetOf(stored), { removable: true }), before };
  }

  /** Says whether SHA-1 and CBC will do for an added device; false if there is none. @throws FileProblem */
  allowOldAlgorithms(id: string, allowed: boolean): boolean {
    const known = this.#added.find(({ address }) => idOf(address) === id);
    if (!known) return false;
    if (known.oldAlgorithms === allowed) return true;
    this.#save(
      this.#added.map((stored) => (idOf(stored.address) === id ? { ...stored, oldAlgorithms: allowed } : stored)),
    );
    return true;
  }

  /** Forgets an added device; false if there is none. Listed and built-in ones stay. @throws FileProblem */
  remove(id: string): boolean {
    const left = this.#added.filter(({ address }) => idOf(address) !== id);
    if (left.length === this.#added.length) return false;
    this.#save(left);
    return true;
  }

  get #builtIn(): readonly BuiltInTarget[] {
    return this.fixed ? [] : this.#options.builtIn;
  }

  #save(added: readonly Stored[]): void {
    // What cannot be kept is not said to be done: nothing changes then.
    writeJson(this.#options.file, added);
    this.#added = added;
  }

  async #describe(
    { id, address, oldAlgorithms = false }: TransportTarget,
    traits: { readonly label?: string | undefined; readonly simulated?: boolean; readonly removable?: boolean },
  ): Promise<Target> {
    const { label = address, simulated = false, removable = false } = traits;
    const described = { id, address, label: label.slice(0, LABEL_MAX), simulated, removable, oldAlgorithms };
    const result = parseAddress(address);
    if ('problem' in result) return { ...described, destination: address };
    // An alias stands for user and port too; spelled out, ssh would not find its entry.
    const { user, host, port } = result.address;
    const alias = user === undefined && port === undefined && (await this.#options.isAlias(host));
    return { ...described, destination: alias ? host : sshDestination(result.address) };
  }
}

const targetOf = ({ address, oldAlgorithms = false }: Omit<ListedTarget, 'label'>): TransportTarget => ({
  id: idOf(address),
  address,
  oldAlgorithms,
});

/** Stable over restarts, so that a page's remembered device stays itself. */
function idOf(address: string): string {
  return `device-${createHash('sha256').update(address).digest('base64url').slice(0, 16)}`;
}
