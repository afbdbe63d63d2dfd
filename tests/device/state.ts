import { mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

/** The checkout; the same from the source and from the bundle, both two folders below it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where this user's devices are, a directory each. */
export const DEVICES = join(tmpdir(), `crostini-devices-${process.getuid?.() ?? 0}`);

/** A device's name becomes a directory, a cgroup and part of messages: short and plain. */
export const nameSchema = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'A device name is 1 to 32 letters, digits and dashes.'),
);

const recordSchema = v.object({
  name: nameSchema,
  tier: v.picklist([1, 2]),
  arch: v.picklist(['x86_64', 'aarch64']),
  /** Where its sshd listens. */
  host: v.string(),
  port: v.number(),
  /** Identity of the process that owns everything of it. */
  keeper: v.string(),
  /** Of the address and the cable; null where it has no network of its own. */
  index: v.nullable(v.number()),
});

/** What others need to know of a device that is up, as JSON in its directory. */
export type DeviceRecord = v.InferOutput<typeof recordSchema>;

/** The files of one device. Everything of it is below `directory`. */
export function deviceFiles(name: string) {
  const directory = join(DEVICES, name);
  const shared = join(directory, 'shared');
  return {
    directory,
    /** Boot scripts and bundles; copied to the device. */
    library: join(directory, 'library'),
    /** /run/device on the device. */
    shared,
    record: join(directory, 'record.json'),
    control: join(directory, 'control.sock'),
    log: join(directory, 'device.log'),
    /** A private key that may log in as root. */
    key: join(directory, 'key'),
    hostKey: join(shared, 'host_key'),
    /** Its present host key, as known_hosts has it. */
    knownHosts: join(directory, 'known_hosts'),
    /** `up` or `failed: why`, written by its init at the end of a boot. */
    boot: join(shared, 'boot'),
    /** `reboot` or `poweroff`, written by the device before it ends in order. */
    halt: join(shared, 'halt'),
  } as const;
}

/** Reads a device's record; undefined if there is no such device or its directory is half made. */
export function readRecord(name: string): DeviceRecord | undefined {
  try {
    return v.parse(recordSchema, JSON.parse(readFileSync(deviceFiles(name).record, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Names of all devices that have a directory, running or left behind. */
export function deviceNames(): string[] {
  try {
    return readdirSync(DEVICES).filter((name) => v.is(nameSchema, name));
  } catch {
    return [];
  }
}

/** A process that cannot be mistaken for a later one with the same pid: `pid:start time`, in clock ticks since boot. */
export function processIdentity(pid: number): string | undefined {
  try {
    // The name, in parentheses, may contain anything; what follows it cannot.
    const [state, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    // Z: dead, and its parent has not asked for it yet.
    return state === 'Z' ? undefined : `${pid}:${rest[18]}`;
  } catch {
    return undefined;
  }
}

/** Whether the process of this identity is there. */
export function isAlive(identity: string): boolean {
  return processIdentity(Number.parseInt(identity, 10)) === identity;
}

/**
 * Takes the first free number below `max` for a device, for its cable and address. Two that start at once get two.
 * @returns undefined if all are taken
 */
export function claimIndex(name: string, max: number): number | undefined {
  for (let index = 0; index < max; index++) {
    try {
      writeFileSync(claimFile(index), name, { flag: 'wx' });
      return index;
    } catch {
      // Taken.
    }
  }
  return undefined;
}

/** Gives a device's number back. */
export function freeIndex(index: number): void {
  rmSync(claimFile(index), { force: true });
}

const claimFile = (index: number): string => join(DEVICES, `.cable-${index}`);

/** Makes the directory of devices. Others may pass through it: in a user namespace the device is somebody else. */
export function makeDevicesDirectory(): void {
  mkdirSync(DEVICES, { recursive: true, mode: 0o711 });
}

/** Removes a device's files, and the directory of devices with the last of them. */
export function removeFiles(name: string): void {
  rmSync(deviceFiles(name).directory, { recursive: true, force: true });
  try {
    rmdirSync(DEVICES);
  } catch {
    // Others are there.
  }
}
