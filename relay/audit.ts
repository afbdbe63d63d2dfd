import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import type { Ending } from './channel.ts';
import { openTrusted } from './trusted-file.ts';

/**
 * What is worth knowing afterwards: who did what on which device, when, and how it ended. A closed list of plain
 * fields. There is no field for a command: people type passwords into those, and a hash of a short secret tells it.
 * The device's own log has what ran. There is none for a channel's id either, which is a secret; `channel` counts.
 */
export type AuditEvent =
  | { readonly event: 'start' | 'stop' }
  | { readonly event: 'sign-in'; readonly principal: string; readonly peer: string | undefined }
  | {
      readonly event: 'open';
      readonly principal: string;
      readonly channel: number;
      readonly target: string;
      readonly address: string;
      /** `shell` is the login shell; `terminal` and `command` run one command line, with a terminal and without. */
      readonly what: 'shell' | 'terminal' | 'command' | 'forward';
      /** Where a port forward leads: `host:port` as the device sees it. */
      readonly to?: string;
    }
  | { readonly event: 'resume'; readonly principal: string; readonly channel: number }
  | ({ readonly event: 'end'; readonly channel: number } & Ending)
  | {
      readonly event: 'device-added' | 'device-removed';
      readonly principal: string;
      readonly target: string;
      readonly address: string;
    }
  | {
      readonly event: 'old-algorithms';
      readonly principal: string;
      readonly target: string;
      readonly address: string;
      readonly allowed: boolean;
    }
  | {
      readonly event: 'host-key-trusted';
      readonly principal: string;
      readonly target: string;
      readonly address: string;
      readonly fingerprint: string;
    };

export interface Audit {
  record(event: AuditEvent): void;
  close(): void;
}

/** Fields that no log of the relay shows, should one ever get there. */
export const REDACT = ['token', 'password', 'passphrase', 'cookie', 'secret', 'answers', 'privateKey'].flatMap(
  (field) => [field, `*.${field}`, `*.*.${field}`],
);

/** The size of an audit log at which it becomes `.1`, in bytes: some 20,000 lines. With the one before it is twice that. */
export const AUDIT_MAX = 4 * 1024 * 1024;

/** An audit log, a JSON object a line. @param destination where lines go; `-` is stderr, anything else a file */
export function createAudit(destination: string, onError: (error: unknown) => void, max = AUDIT_MAX): Audit {
  const file = destination === '-' ? undefined : new RotatingFile(destination, max);
  const write = (line: string): void => {
    try {
      if (file) file.append(line);
      else process.stderr.write(line);
    } catch (error) {
      // A full disk ends no session.
      onError(error);
    }
  };
  const log = pino(
    {
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: () => ({ log: 'audit' }) },
      redact: REDACT,
    },
    { write },
  );
  return { record: (event) => log.info(event), close: () => file?.close() };
}

/** A file readable by its owner only, which holds no more than its bound while it can be renamed; its predecessor is kept. */
class RotatingFile {
  readonly #path: string;
  readonly #max: number;
  #descriptor: number | undefined;
  #size = 0;

  constructor(path: string, max: number) {
    this.#path = path;
    this.#max = max;
  }

  /** Synchronously: a line is there even if the relay dies of what comes next. A line per channel is no load. */
  append(line: string): void {
    const bytes = Buffer.from(line);
    try {
      if (this.#descriptor !== undefined && this.#size + bytes.length > this.#max) this.#rotate();
    } finally {
      // Also where it cannot be renamed: a file that is too large is better than one with a gap.
      const descriptor = (this.#descriptor ??= this.#open());
      this.#size += writeSync(descriptor, bytes);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const descriptor = openTrusted(this.#path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
    fchmodSync(descriptor, 0o600);
    this.#size = fstatSync(descriptor).size;
    return descriptor;
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    this.close();
  }
}
