import { type Facts, factValue } from './facts.ts';
import { parseVmsText } from './probe/vmc-list.ts';

/** The VM that holds a user's Linux, as the facts tell it. */
export interface GuestVm {
  readonly name: string;
  /**
   * `crostini`: Termina, with LXD and containers. `baguette`: Debian straight in the VM (chromeos-facts.md section 7.4).
   * Undefined where this image's vmc does not say; the name does not tell it.
   */
  readonly kind: 'crostini' | 'baguette' | undefined;
  /** `unknown` where this image's vmc does not say. */
  readonly state: 'running' | 'starting' | 'stopped' | 'unknown';
}

const KINDS: Readonly<Record<string, GuestVm['kind']>> = {
  crostini: 'crostini',
  termina: 'crostini',
  baguette: 'baguette',
};

/** What other kinds of VM are called, on images whose vmc names no kind (chromeos-facts.md section 3.1). */
const OTHERS = ['arcvm', 'borealis', 'bru', 'PvmDefault'];

/**
 * The VM of Linux on the device: one that runs before one that does not, termina before others. VMs of another kind,
 * such as Android's, do not count. Undefined when there is none, or nobody asked.
 */
export function guestVm(facts: Facts): GuestVm | undefined {
  const vms = parseVmsText(factValue(facts, 'vms') ?? '')
    .filter(({ name, type = 'unknown' }) => (type === 'unknown' ? !OTHERS.includes(name) : Object.hasOwn(KINDS, type)))
    .map(({ name, type = 'unknown', state }): GuestVm => ({ name, kind: KINDS[type], state }));
  const rank = (vm: GuestVm): number => (vm.state === 'running' ? 2 : 0) + (vm.name === 'termina' ? 1 : 0);
  return vms.toSorted((a, b) => rank(b) - rank(a))[0];
}
