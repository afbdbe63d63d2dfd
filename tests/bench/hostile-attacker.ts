import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Attacker } from './hostile/case.ts';
import { CASES } from './hostile/cases.ts';
import type { FromAttacker, ToAttacker } from './hostile/messages.ts';
import { Person } from './hostile/person.ts';
import { randomOf } from './hostile/random.ts';

/** The process of an attacker. */

/** Below everything else that is measured, and not so low that a busy machine lets it do nothing. */
const PRIORITY = 5;

/**
 * The attack takes only the CPU that relay and victim leave. An attacker on another machine would take none of theirs,
 * so this measures the relay and not how the kernel shares two cores. A kernel that groups processes by session counts
 * a priority within its session only, so the session itself, which is this process's own, goes down as well.
 */
function stepBack(): void {
  setPriority(PRIORITY);
  try {
    writeFileSync('/proc/self/autogroup', String(PRIORITY));
  } catch {
    // This kernel has no such groups, or they are not ours to change.
  }
}

const closers: (() => unknown)[] = [];
let links = Promise.resolve();
let onLink: (link: string) => void = () => undefined;
let go: () => void = () => undefined;

function tell(message: FromAttacker): void {
  process.send?.(message);
}

async function attack({ id, relay, device, seed, seconds, patience }: ToAttacker & { type: 'start' }): Promise<void> {
  const found = CASES.find((entry) => entry.id === id);
  if (!found) throw new Error(`there is no case ${id}`);
  /** When the time is over: for everybody, and for who must be cut off and was not yet. */
  let end = Infinity;
  let lastEnd = Infinity;
  let onTimeUp: () => void = () => undefined;
  const timeUp = new Promise<void>((resolve) => (onTimeUp = resolve));
  const now = (): number => performance.now();
  const attacker: Attacker = {
    relay,
    device,
    random: randomOf(seed),
    atEnd: (close) => closers.unshift(close),
    goesOn: () => now() < lastEnd,
    timeUp,
    wasEnded: () => {
      if (lastEnd === end) return;
      lastEnd = end;
      setTimeout(onTimeUp, end - now());
    },
    ready: async () => {
      tell({ type: 'ready' });
      await new Promise<void>((resolve) => (go = resolve));
      stepBack();
      end = now() + seconds * 1000;
      lastEnd = end + (found.mustEnd ? patience * 1000 : 0);
      setTimeout(onTimeUp, lastEnd - now());
    },
    signIn: () => {
      // One after the other: a link may end the one before.
      const person = links.then(async () => {
        tell({ type: 'link wanted' });
        return Person.signIn(new URL(await new Promise<string>((resolve) => (onLink = resolve))));
      });
      links = person.then(
        () => undefined,
        () => undefined,
      );
      return person;
    },
  };
  const outcome = await found.attack(attacker);
  tell({ type: 'over', outcome });
}

async function leave(): Promise<never> {
  for (const close of closers.splice(0)) await close();
  process.exit();
}

function leaveOrFail(): void {
  leave().catch(() => process.exit(1));
}

process.on('message', (message: ToAttacker) => {
  if (message.type === 'start')
    attack(message).catch((error: unknown) =>
      tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) }),
    );
  else if (message.type === 'go') go();
  else if (message.type === 'link') onLink(message.link);
  else leaveOrFail();
});
process.on('disconnect', leaveOrFail);
