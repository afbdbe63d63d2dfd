import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
  isPlain: v.boolean(),
  arch: v.picklist(['x86_64', 'aarch64']),
  /** Who logs in, and where its sshd listens. */
  user: v.string(),
  host: v.string(),
  port: v.number(),
  /** Identity of the process that owns everything of it. */
  keeper: v.string(),
  /** This machine's end of its cable; null where it has no network of its own. */
  cable: v.nullable(v.string()),
});

/** What others need to know of a device that is up, as JSON in its directory. */
export type DeviceRecord = v.InferOutput<typeof recordSchema>;

/** `user@host:port`, without the port that is usual. */
export const addressOf = ({ user, host, port }: Pick<DeviceRecord, 'user' | 'host' | 'port'>): string =>
  `${user}@${host}${port === 22 ? '' : `:${port}`}`;

/** The files of one device. Everything of it is below `directory`. */
export function deviceFiles(name: string) {
  const directory = join(DEVICES, name);
  return {
    directory,
    /** Boot scripts and bundles; copied to the device. */
    library: join(directory, 'library'),
    /** Copied to /run/device at each boot. Nothing in it is secret: the device's root is another account. */
    shared: join(directory, 'shared'),
    record: join(directory, 'record.json'),
    control: join(directory, 'control.sock'),
    log: join(directory, 'device.log'),
    /** The root of a device without namespaces. */
    plainRoot: join(directory, 'root'),
    /** What a keeper that `up` left alone complains of; beside the directory, so that it outlives a failed start. */
    keeperLog: join(DEVICES, `.${name}.log`),
    /** A private key that may log in as root. */
    key: join(directory, 'key'),
    hostKey: join(directory, 'host_key'),
    /** Its present host key, as known_hosts has it. */
    knownHosts: join(directory, 'known_hosts'),
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

/** A device's own among all devices of this machine, whosever and wherever: eight hexadecimal digits. */
export function deviceId(name: string): string {
  return createHash('sha256').update(deviceFiles(name).directory).digest('hex').slice(0, 8);
}

/** Makes the directory of devices. Others may pass through it: in a user namespace the device is somebody else. */
export function makeDevicesDirectory(): void {
  mkdirSync(DEVICES, { recursive: true, mode: 0o711 });
}

/**
 * The folder on the way to the devices that other accounts may not enter, as the root of a device in a user namespace
 * is one; undefined if there is none.
 */
export function closedFolder(): string | undefined {
  const folders = [DEVICES];
  for (let folder = dirname(DEVICES); folder !== folders[0]; folder = dirname(folder)) folders.unshift(folder);
  return folders.find((folder) => (statSync(folder).mode & 0o001) === 0);
}

/** Removes a device's files, and the directory of devices with the last of them. */
export function removeFiles(name: string): void {
  const { directory, keeperLog } = deviceFiles(name);
  for (const path of [directory, keeperLog]) rmSync(path, { recursive: true, force: true });
  try {
    rmdirSync(DEVICES);
  } catch {
    // Others are there.
  }
}
