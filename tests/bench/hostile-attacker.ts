import { setPriority } from 'node:os';
import { writeFileSync } from 'node:fs';
import type { Attacker } from './hostile/case.ts';
import { CASES } from './hostile/cases.ts';
import type { FromAttacker, ToAttacker } from './hostile/messages.ts';
import { Person } from './hostile/person.ts';
import { randomOf } from './hostile/random.ts';

/**
 * The process of an attacker. It takes only the CPU that nobody else wants: an attacker on another machine would take
 * none of the relay's, and it is the relay that is measured, not how the kernel shares two cores. Where the kernel
 * groups processes by session, a priority counts within its session only, so the session's own is lowered, too.
 */
const LOWEST = 19;
setPriority(LOWEST);
try {
  writeFileSync('/proc/self/autogroup', String(LOWEST));
} catch {
  // This kernel has no such groups, or does not let us.
}

const closers: (() => unknown)[] = [];
let links = Promise.resolve();
let onLink: (link: string) => void = () => undefined;
let go: () => void = () => undefined;

function tell(message: FromAttacker): void {
  process.send?.(message);
}

async function attack({ id, relay, device, seed, seconds }: ToAttacker & { type: 'start' }): Promise<void> {
  const found = CASES.find((entry) => entry.id === id);
  if (!found) throw new Error(`there is no case ${id}`);
  let end = Infinity;
  const attacker: Attacker = {
    relay,
    device,
    random: randomOf(seed),
    atEnd: (close) => closers.unshift(close),
    goesOn: () => performance.now() < end,
    ready: async () => {
      tell({ type: 'ready' });
      await new Promise<void>((resolve) => (go = resolve));
      end = performance.now() + seconds * 1000;
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
  tell({ type: 'over', outcome: await found.attack(attacker) });
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
