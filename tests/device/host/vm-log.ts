import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Rotations kept beside the log itself, and how often they come (chromeos-facts.md section 3.1). */
export const ROTATIONS = 5;
export const ROTATE_EVERY_MS = 24 * 60 * 60_000;

/** A record is cut here (section 3.2). */
const RECORD_MAX_BYTES = 1024;

/** What a VM's files are called: URL-safe base64 with padding (section 3.1). */
export function encodeVmName(name: string): string {
  return Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * One line of a VM log (section 3.2): RFC 3164 time in the device's zone, priority behind it, two spaces.
 * @param cid of the VM
 * @param bytes one line of its console, without the line end; anything
 * @param priority facility user with a severity; what comes from the console is a notice
 */
export function formatRecord(time: Date, timeZone: string, cid: number, bytes: Buffer, priority = 13): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(time);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  const stamp = `${part('month')} ${part('day').padStart(2)} ${part('hour')}:${part('minute')}:${part('second')}`;
  return `${stamp} <${priority}>  VM(${cid}): ${scrub(bytes)}\n`;
}

/** Cuts a record, replaces what is no UTF-8, and writes control characters as # and three octal digits (section 3.2). */
export function scrub(bytes: Buffer): string {
  return (
    bytes
      .subarray(0, RECORD_MAX_BYTES)
      .toString('utf8')
      // eslint-disable-next-line no-control-regex -- control characters are what this is about
      .replace(/[\u0000-\u001f\u007f]/g, (character) => `#${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
  );
}

/**
 * vmlog_forwarder's part for one user: the files of all VMs in a directory. Lines that come while the job does not run
 * are lost, as on a real device.
 */
export class VmLog {
  readonly #directory: string;
  readonly #timeZone: string;
  readonly #files = new Map<string, number>();

  constructor(directory: string, timeZone: string) {
    this.#directory = directory;
    this.#timeZone = timeZone;
  }

  /** Appends a line of a VM's console. Throws if the directory is not there. */
  write(vm: string, cid: number, line: Buffer): void {
    let file = this.#files.get(vm);
    if (file === undefined) {
      file = openSync(join(this.#directory, `${encodeVmName(vm)}.log`), 'a', 0o640);
      this.#files.set(vm, file);
    }
    writeSync(file, formatRecord(new Date(), this.#timeZone, cid, line));
  }

  /** Moves every log on by one, `.log` to `.log.1` and so on; the files are opened again with the next line. */
  rotate(): void {
    this.close();
    for (const name of readdirSync(this.#directory).filter((entry) => entry.endsWith('.log'))) {
      const path = join(this.#directory, name);
      rmSync(`${path}.${ROTATIONS}`, { force: true });
      for (let number = ROTATIONS - 1; number > 0; number--)
        if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
      renameSync(path, `${path}.1`);
    }
  }

  /** Closes the files; the next line opens them again. */
  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }
}
