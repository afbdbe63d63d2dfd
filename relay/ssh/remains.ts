import { randomBytes } from 'node:crypto';
import { quoteWord } from '#lib/domain/quote.ts';

/**
 * A command without a terminal does not end with its channel: sshd only closes its pipes, which a quiet `tail -f` and a
 * shell loop never notice (web-terminals.md section 3.8), and refuses to pass a signal on to root's (session.c,
 * session_signal_req). So each such command carries a random mark: it exports a variable first, which stands in the
 * command line of its shell and in the environment of what that starts. When its channel is gone, another command ends
 * what still carries the mark. For POSIX shells and fish, on Linux; elsewhere nothing is found.
 */
const MARK = 'CROSTINI_WORKBENCH_CHANNEL';

/** Marks kept for the next connection to a target; the oldest are forgotten. 256 fit into one command line with ease. */
const LEFT_MAX = 256;

/** A mark for one command: 128 random bits in characters that need no quotes. */
export function newMark(): string {
  return randomBytes(16).toString('base64url');
}

/** The command line, unchanged, behind what gives it its mark. */
export function markedCommand(mark: string, command: string): string {
  return `export ${MARK}=${mark}; ${command}`;
}

/**
 * A command that ends all processes with one of these marks: TERM, and after a second KILL, three times for those that
 * fork meanwhile. Its status is 0 when none is left. It is run by `sh`, whatever the login shell is.
 */
export function endMarked(marks: readonly string[]): string {
  // `[C]`: a pattern that does not match itself in this very command line.
  const patterns = marks.map((mark) => `-e "${MARK.replace('C', '[C]')}=${mark}"`).join(' ');
  const script = [
    `left() { LC_ALL=C grep -ls ${patterns} /proc/[0-9]*/environ /proc/[0-9]*/cmdline | cut -d/ -f3 | sort -u; }`,
    // Signal 0 only waits for what TERM takes longer to end.
    'for s in TERM 0 KILL KILL KILL; do p=$(left)',
    '[ "$p" ] || exit 0',
    'kill -$s $p 2>/dev/null',
    '[ $s = 0 ] && sleep 1',
    'done',
    '[ -z "$(left)" ]',
  ].join('; ');
  return `sh -c ${quoteWord(script)}`;
}

/** The marks of one target whose channels are gone, and whose processes may not be. It outlives the target's connections. */
export class Remains {
  readonly #left = new Set<string>();

  get left(): readonly string[] {
    return [...this.#left];
  }

  add(mark: string): void {
    this.#left.add(mark);
    const [oldest] = this.#left;
    if (this.#left.size > LEFT_MAX && oldest !== undefined) this.#left.delete(oldest);
  }

  /** Nothing of these is left. */
  forget(marks: readonly string[]): void {
    for (const mark of marks) this.#left.delete(mark);
  }
}
