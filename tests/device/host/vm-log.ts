import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Rotations kept beside the log itself, and how often they come (chromeos-facts.md section 3.1). */
const ROTATIONS = 5;
const ROTATE_EVERY_MS = 24 * 60 * 60_000;

/** A record is cut here (section 3.2). */
const RECORD_MAX_BYTES = 1024;

/** What comes from the console is a notice of facility user (section 3.2). */
const NOTICE = 13;

/** What a VM's files are called: URL-safe base64 with padding (section 3.1). */
export function encodeVmName(name: string): string {
  return Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** The VM of such a file name. */
export function decodeVmName(encoded: string): string {
  return Buffer.from(encoded.replaceAll('-', '+').replaceAll('_', '/'), 'base64').toString('utf8');
}

/** RFC 3164 time stamps in a zone (section 3.2). Formatting takes far longer than a line: one a second is enough. */
export function makeStamper(timeZone: string): (time: Date) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
  let second = NaN;
  let stamp = '';
  return (time) => {
    const now = Math.floor(time.getTime() / 1000);
    if (now === second) return stamp;
    second = now;
    const parts = format.formatToParts(time);
    const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
    stamp = `${part('month')} ${part('day').padStart(2)} ${part('hour')}:${part('minute')}:${part('second')}`;
    return stamp;
  };
}

/**
 * One line of a VM log (section 3.2): RFC 3164 time in the device's zone, priority behind it, two spaces.
 * @param stamp of a stamper
 * @param cid of the VM
 * @param bytes one line of its console, without the line end; anything
 * @param priority facility user with a severity
 */
export function formatRecord(stamp: string, cid: number, bytes: Buffer, priority = NOTICE): string {
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

/** The timer of rotation: it starts with vmlog_forwarder and ends with it, whatever the time of day (section 3.1). */
export function rotateDaily(rotate: () => void): { readonly started: () => void; readonly ended: () => void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    started: () => void (timer = setInterval(rotate, ROTATE_EVERY_MS)),
    ended: () => clearInterval(timer),
  };
}

/**
 * vmlog_forwarder's part for one user: the files of all VMs in a directory. Lines that come while the job does not run
 * are lost, as on a real device.
 */
export class VmLog {
  readonly #directory: string;
  readonly #stamp: (time: Date) => string;
  readonly #files = new Map<string, number>();

  constructor(directory: string, timeZone: string) {
    this.#directory = directory;
    this.#stamp = makeStamper(timeZone);
  }

  /** Appends lines of a VM's console, in one write. Throws if the directory is not there. */
  write(vm: string, cid: number, lines: readonly Buffer[]): void {
    let file = this.#files.get(vm);
    if (file === undefined) {
      file = openSync(join(this.#directory, `${encodeVmName(vm)}.log`), 'a', 0o640);
      this.#files.set(vm, file);
    }
    const stamp = this.#stamp(new Date());
    writeSync(file, lines.map((line) => formatRecord(stamp, cid, line)).join(''));
  }

  /**
   * Moves every log on by one, `.log` to `.log.1` and so on, also those of a VM that has only old ones (section 3.1);
   * the files are opened again with the next line.
   */
  rotate(): void {
    this.close();
    const names = readdirSync(this.#directory).map((entry) => /^(.*\.log)(\.\d+)?$/.exec(entry)?.[1]);
    for (const name of new Set(names)) {
      if (name === undefined) continue;
      const path = join(this.#directory, name);
      rmSync(`${path}.${ROTATIONS}`, { force: true });
      for (let number = ROTATIONS; number > 0; number--) {
        const from = number === 1 ? path : `${path}.${number - 1}`;
        if (existsSync(from)) renameSync(from, `${path}.${number}`);
      }
    }
  }

  /** Closes the files; the next line opens them again. */
  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }
}
