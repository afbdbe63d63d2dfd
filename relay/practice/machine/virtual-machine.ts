/** A VM disk and, while it runs, its VM. */
export interface VirtualMachine {
  readonly name: string;
  readonly type: 'crostini' | 'baguette';
  /** Bytes of the disk image. */
  readonly size: number;
  /** Shown by `vmc list` when the disk is not user-sized. */
  readonly minimumSize: number | null;
  state: 'stopped' | 'starting' | 'running';
  /** From 32 upwards, and a new one for each start while concierge lives (chromeos-facts 6). */
  cid: number;
  /** The crosvm process. */
  pid: number;
  /** The 9s process, which serves the user's files to it. */
  serverPid: number;
  startedAt: Date;
  containers: Map<string, Container>;
  /** Aborted when the VM ends: what runs inside ends with it. A new one for each start. */
  power: AbortController;
}

export interface Container {
  readonly name: string;
  running: boolean;
  /** Its first user, made by `vmc container`. */
  readonly user: string;
  readonly address: string;
}

/** The first CID that concierge hands out; 3 to 31 are reserved (chromeos-facts 6). */
export const FIRST_CID = 32;

/** The disk that a device with Crostini has, not running. */
export function createTermina(at: Date): VirtualMachine {
  return {
    name: 'termina',
    type: 'crostini',
    size: 10_737_418_240,
    minimumSize: 6_442_450_944,
    state: 'stopped',
    cid: 0,
    pid: 0,
    serverPid: 0,
    startedAt: at,
    containers: new Map([['penguin', createContainer('penguin')]]),
    power: new AbortController(),
  };
}

/** A container, stopped. */
export function createContainer(name: string): Container {
  return { name, running: false, user: 'testuser', address: '100.115.92.204' };
}

/** The name of a VM's files: URL-safe base64 with padding (chromeos-facts 3.1). */
export function encodeVmName(name: string): string {
  return Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}
