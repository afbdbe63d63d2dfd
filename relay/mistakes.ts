import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { Budget } from './budget.ts';

/** Lines that mistakes may write: a mistake that a stranger can repeat must not fill the disk behind the log. */
const LINES = { burst: 20, perSecond: 0.2 } as const;

/**
 * What went wrong in the relay itself. Every mistake is counted (`workbench_mistakes_total`), and logged up to a rate; the
 * next line says how many were left out.
 */
export class Mistakes {
  readonly #log: Logger;
  readonly #lines = new Budget(LINES);
  #unsaid = 0;
  #count = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Since the start. */
  get count(): number {
    return this.#count;
  }

  /** @param text where it happened, in words */
  report(error: unknown, text = 'the relay made a mistake'): void {
    this.#count++;
    if (!this.#lines.take()) {
      this.#unsaid++;
      return;
    }
    const unsaid = this.#unsaid;
    this.#unsaid = 0;
    this.#log.error({ err: error, report: randomUUID(), ...(unsaid > 0 && { unsaid }) }, text);
  }
}

/**
 * The last resort: an error that nothing has caught costs what it happened in, and not everybody's shells. Node says that
 * it is unsafe to go on after any uncaught exception. Here each connection has a state of its own, and nothing that lets
 * people in is changed step by step, so the relay goes on; it ends where Node itself is broken. To be called once the
 * relay listens: a start that fails must end.
 */
export function surviveMistakes(mistakes: Mistakes): void {
  process.on('uncaughtException', (error, origin) => {
    mistakes.report(
      error,
      origin === 'unhandledRejection' ? 'a promise was rejected unheard' : 'an error was not caught',
    );
    if (isFatal(error)) process.exit(1);
  });
}

/** Node's own state is broken. */
function isFatal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_INTERNAL_ASSERTION';
}
