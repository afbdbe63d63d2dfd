/** A VM disk of the signed-in user, as `vmc list` tells it. */
export interface Vm {
  readonly name: string;
  /** The kind recorded on the disk: crostini, baguette, borealis … The name does not tell it (chromeos-facts.md 7.4). */
  readonly type?: string;
  /** `unknown` where this release's vmc prints no state. */
  readonly state: 'running' | 'starting' | 'stopped' | 'unknown';
  readonly bytes: number;
}

const LINE =
  /^(\S.*?) \((\d+) bytes(?:,[^()]*)?\)(?: \(on disk VM type(?:: *([^()]*)| not specified)\))? *(starting|running)?$/i;

/**
 * Parses `vmc list` in its three forms (chromeos-facts.md section 2.2):
 *
 *     termina (10737418240 bytes, min shrinkable size 6442450944 bytes, raw, sparse) (on disk VM type: crostini)  running
 *     termina (10737418240 bytes, raw) running          2024-02 to 2025-07
 *     termina (10737418240 bytes, raw)                  before: no state at all
 *
 * In the middle form a stopped VM looks like any VM of the oldest. Only where another line shows a state can it be
 * told; otherwise it is `unknown`, never guessed. Lines that are no VM are left out.
 */
export function parseVmcList(text: string): Vm[] {
  const matches = text
    .split('\n')
    .map((line) => LINE.exec(line.trim()))
    .filter((match) => match !== null);
  const statesShown = matches.some((match) => match[4] !== undefined);
  return matches.map((match) => {
    const [line, name = '', bytes, type, state] = match;
    const told = statesShown || line.includes('(on disk VM type');
    return {
      name,
      ...(type?.trim() && { type: type.trim().toLowerCase() }),
      state: (state?.toLowerCase() as 'running' | 'starting' | undefined) ?? (told ? 'stopped' : 'unknown'),
      bytes: Number(bytes),
    };
  });
}

/** `termina (crostini) running, baguette (baguette) stopped`: one line for a fact row. */
export function vmsText(vms: readonly Vm[]): string {
  return vms
    .map((vm) => `${vm.name}${vm.type ? ` (${vm.type})` : ''} ${vm.state === 'unknown' ? 'state unknown' : vm.state}`)
    .join(', ');
}

/** Reads what `vmsText` wrote, without the sizes, which it leaves out; also text that a person typed. */
export function parseVmsText(text: string): Omit<Vm, 'bytes'>[] {
  const vms = text.matchAll(/([^\s,][^,]*?)(?: \(([^()]*)\))? (running|starting|stopped|state unknown)(?=,|$)/g);
  return [...vms].map(([, name = '', type, state]) => ({
    name,
    ...(type !== undefined && { type }),
    state: state === 'state unknown' ? 'unknown' : (state as Vm['state']),
  }));
}
