import { type ChildProcess, spawn } from 'node:child_process';
import { PATHS } from './paths.ts';
import type { World } from './world.ts';

type Severity = Parameters<World['log']>[1];

/** Facility user, which logger's default is too; the severities in syslog's numbers. */
const FACILITY = 1 << 3;
const SEVERITY: Readonly<Record<Severity, number>> = { err: 3, warning: 4, notice: 5, info: 6, debug: 7 };

/** What may wait for a logger that does not read, in bytes; more is dropped, as syslog does. */
const PENDING_MAX = 1024 * 1024;

/**
 * Writes to /dev/log through one `logger` for each tag and pid: a Unix datagram socket, which Node does not have.
 * Whoever made it closes it.
 */
export class Syslog {
  readonly #loggers = new Map<string, ChildProcess>();

  write(tag: string, pid: number | null, severity: Severity, text: string): void {
    const key = `${tag}[${pid ?? ''}]`;
    let logger = this.#loggers.get(key);
    if (!logger) {
      // A job that was restarted has another pid; its old logger is done.
      this.#end((other) => other.startsWith(`${tag}[`));
      const id = pid === null ? [] : [`--id=${pid}`];
      logger = spawn('logger', ['--socket', PATHS.syslog, '--tag', tag, '--prio-prefix', ...id], {
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      logger.stdin?.on('error', () => this.#loggers.delete(key));
      logger.on('exit', () => this.#loggers.delete(key));
      this.#loggers.set(key, logger);
    }
    if ((logger.stdin?.writableLength ?? 0) < PENDING_MAX)
      logger.stdin?.write(`<${FACILITY | SEVERITY[severity]}>${text.replaceAll('\n', ' ')}\n`);
  }

  close(): void {
    this.#end(() => true);
  }

  #end(which: (key: string) => boolean): void {
    for (const [key, logger] of this.#loggers) {
      if (!which(key)) continue;
      this.#loggers.delete(key);
      logger.stdin?.end();
    }
  }
}
