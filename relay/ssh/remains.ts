import { randomBytes } from 'node:crypto';
import { quoteWord } from '#lib/domain/quote.ts';

/**
 * A command without a terminal does not end with its channel: sshd only closes its pipes, which a quiet `tail -f` and a
 * shell loop never notice (web-terminals.md section 3.8), and refuses to pass a signal on to root's (session.c,
 * session_signal_req). So each such command carries a random mark: it exports a variable first, which stands in the
 * command line of its shell and in the environment of what that starts. When its channel is gone, another command ends
 * what still carries the mark, and what belongs to that. For POSIX shells and fish, on Linux; csh says that it does not
 * know `export`, and elsewhere nothing is found.
 *
 * What gets away: what has cleared its environment and left its parents and its session, or has lost them (a daemon that
 * forks twice under `env -i`); what another process starts (`systemd-run`, upstart, a container's init); and what `env -i`
 * runs in place of the login shell, once its connection is lost. An ordinary account cannot look at its sshd's pipes, but
 * its commands get a hang-up first.
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
 * A command that ends all processes with one of these marks and their kin: TERM, and after a second KILL, three times
 * for those that fork meanwhile. Its status is 0 when none is left. It is run by `sh`, whatever the login shell is.
 */
export function endMarked(marks: readonly string[]): string {
  // `[C]`: a pattern that does not match itself in this very command line.
  const name = MARK.replace('C', '[C]');
  const patterns = marks.map((mark) => `-e "${name}=${mark}"`).join(' ');
  return `sh -c ${quoteWord(endingScript(patterns, name))}`;
}

/**
 * $k is to be ended: the marked, what they started (`sudo` and `env -i` pass no mark on), and the sessions they lead, all
 * found before anything is killed. Of each process in $t: PID:PPID:SESSION; without zombies, which nothing ends. $a never
 * is: the ancestors of this script, up to sshd and init. And bash replaces itself by the last command that it is given:
 * `env -i` leaves no mark then. So what this connection's sshd has started ($d, our own shell's parent) is ended, too,
 * where no mark is and sshd has closed the pipes ($f) of its output: each living channel has them open, as has ours.
 * All are stopped until each has its TERM: a shell whose command dies first would go on with the next one.
 */
const endingScript = (patterns: string, name: string): string => String.raw`
with() { LC_ALL=C grep -ls "$@" /proc/[0-9]*/environ /proc/[0-9]*/cmdline | cut -d/ -f3; }
fact() { sed -n "s/^$2:.\([0-9]*\).*/\1/p" /proc/$1/status 2>/dev/null; }
a=" $$ " q=$$
while [ "$q" -gt 1 ]; do q=$(fact $q PPid); a="$a$q "; done
d=$(fact $(fact $$ NSsid) PPid) own=$(readlink /proc/$$/fd/1) k=
for signal in TERM 0 KILL KILL KILL 0; do
  t=$(LC_ALL=C grep -E "^(State|PPid|NSsid):" /proc/[0-9]*/status 2>/dev/null | sed -n "/:State:/h; /:PPid:/H; /:NSsid:/{
    H; x; s|^/proc/\([0-9]*\)/status:State:.[^ZX][^/]*\n/proc/\1/status:PPid:.\([0-9]*\)\n/proc/\1/status:NSsid:.\([0-9]*\).*|\1 \2 \3|p
  }")
  f=" $(ls -l /proc/$d/fd 2>/dev/null | tr "\n" " ") "
  old=$k k=" " any=" $(with -e "${name}=" | tr "\n" " ") "
  for p in $(with ${patterns}); do case $a in *" $p "*) ;; *) k="$k$p " ;; esac; done
  set -- $t
  case $own in pipe:*) case $f in *" $own "*)
    while [ $# -gt 0 ]; do
      p=$1 q=$2 s=$3
      shift 3
      [ "$q $s" = "$d $p" ] || continue
      case $any$a in *" $p "*) continue ;; esac
      out=$(readlink /proc/$p/fd/1) err=$(readlink /proc/$p/fd/2)
      case $f in *" $out "* | *" $err "*) continue ;; esac
      case $out$err in *pipe:*) k="$k$p " ;; esac
    done
  esac ;; esac
  n=
  until [ "$n" = "$k" ]; do
    n=$k
    set -- $t
    while [ $# -gt 0 ]; do
      p=$1 q=$2 s=$3
      shift 3
      case $a$k in *" $p "*) continue ;; esac
      case $k in *" $q "* | *" $s "*) k="$k$p " ;; *) case $old in *" $p "*) k="$k$p " ;; esac ;; esac
    done
  done
  [ "$k" = " " ] && exit 0
  [ $signal != TERM ] || kill -STOP $k
  kill -$signal $k
  [ $signal != TERM ] || kill -CONT $k
  [ $signal = 0 ] && sleep 1
done 2>/dev/null
exit 1
`;

/** Who notes the marks of one target where the end of this process does not reach them. */
export interface MarkKeeper {
  /** A command with this mark is about to start. */
  start(mark: string): void;
  /** Nothing of these is to be ended any more. */
  end(marks: readonly string[]): void;
}

/** The marks of one target whose channels are gone, and whose processes may not be. It outlives the target's connections. */
export class Remains {
  readonly #left: Set<string>;
  readonly #keeper: MarkKeeper | undefined;

  /** @param left by earlier relays */
  constructor(left: readonly string[] = [], keeper?: MarkKeeper) {
    this.#keeper = keeper;
    this.#left = new Set(left);
    this.#bound();
  }

  get left(): readonly string[] {
    return [...this.#left];
  }

  /** A command with this mark is about to start. It says `finish` or `add` once. */
  start(mark: string): void {
    this.#keeper?.start(mark);
  }

  /** It did not start, or has ended by itself: what it has started meanwhile may go on. Without effect after `add`. */
  finish(mark: string): void {
    if (!this.#left.has(mark)) this.#keeper?.end([mark]);
  }

  /** Its channel is gone, and it may not be. */
  add(mark: string): void {
    this.#left.add(mark);
    this.#bound();
  }

  /** Nothing of these is left. */
  forget(marks: readonly string[]): void {
    for (const mark of marks) this.#left.delete(mark);
    this.#keeper?.end(marks);
  }

  #bound(): void {
    const beyond = [...this.#left].slice(0, -LEFT_MAX);
    if (beyond.length > 0) this.forget(beyond);
  }
}
