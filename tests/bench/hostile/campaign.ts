import { mkdir, rm } from 'node:fs/promises';
import type { Sshd } from '../../integration/sshd.ts';
import { quantile } from '../relay/statistics.ts';
import { type AttackerProcess, startAttacker } from './attacker-process.ts';
import type { HostileCase, Outcome } from './case.ts';
import { type CaseResult, FULL_BYTES, judge } from './case-result.ts';
import { MemoryWatch } from './memory-watch.ts';
import { startRelayProcess } from './relay-process.ts';
import { Victim } from './victim.ts';

/** How long everything takes. */
export interface Pace {
  readonly quick: boolean;
  /** How much longer one goes on who must be cut off and was not yet, in s: on a busy machine an attack needs longer. */
  readonly patience: number;
  /** In ms before the attack, so that memory and victim are as they are without it. */
  readonly settleMs: number;
  /** In ms after it: what it left behind may still be felt. */
  readonly tailMs: number;
  /** Cases at the same time. Times are worth nothing when it is more than one. */
  readonly atOnce: number;
}

/** How long an attack may take to be prepared, in ms. */
const PREPARE_MS = 30_000;

/** How soon it is seen that a relay has died, in ms. */
const DEATH_SEEN_MS = 20;

/** How long an attack may take to see that its time is over, in ms. */
const LATE_MS = 10_000;

/** How long a key that does not come back is waited for, in ms. */
const ECHO_WAIT_MS = 5_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs one case on a relay that has just started. @param root the checkout whose relay it is @param directory a fresh one */
export async function runCase(
  of: HostileCase,
  options: {
    readonly root: string;
    readonly directory: string;
    /** The victim's server, and the attacker's. */
    readonly sshd: Sshd;
    readonly other: Sshd;
    readonly seed: number;
    readonly pace: Pace;
  },
): Promise<CaseResult> {
  const { root, directory, sshd, other, seed, pace } = options;
  const seconds = (pace.quick ? of.quickSeconds : undefined) ?? of.seconds;
  await mkdir(directory, { recursive: true });
  const relay = await startRelayProcess(root, directory, sshd, [other], of.relay);
  const closers: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true }), () => relay.stop()];
  try {
    const victim = await Victim.start(relay);
    closers.push(() => victim.stop());
    let isFull = false;
    let onFull: () => void = () => undefined;
    const full = new Promise<'full'>((resolve) => (onFull = () => resolve('full')));
    const memory = new MemoryWatch(relay.pid, (bytes) => {
      if (bytes <= FULL_BYTES) return;
      isFull = true;
      onFull();
    });
    closers.push(() => memory.stop());
    const attacker = startAttacker({ of, relay, device: other, seed, seconds, patience: pace.patience, directory });
    closers.push(() => attacker.stop());
    if ((await within(attacker.prepared, PREPARE_MS)) === 'late')
      throw new Error('the attack could not be prepared in time');
    await pause(pace.settleMs);
    memory.reset();
    victim.takeTimes();
    attacker.go();
    const ended = await Promise.race([outcomeOf(attacker, seconds + pace.patience), full, died(relay.isRunning)]);
    if (typeof ended !== 'string') await pause(pace.tailMs);
    for (const since = performance.now(); performance.now() - since < ECHO_WAIT_MS; await pause(10))
      if (typeof ended === 'string' || !victim.waitsFor(50)) break;
    const times = victim.takeTimes();
    const survived = relay.isRunning() && !isFull;
    const { own, below } = memory.growth;
    return {
      ...{ id: of.id, title: of.title, control: of.control === true, survived, keys: times.length },
      ...{ rssMb: own, belowMb: below, p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
      worst: Math.max(...times),
      ...judge(of, isFull ? 'full' : ended, relay.isRunning() ? null : await relay.lastWords(), victim.lost),
    };
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

async function outcomeOf(attacker: AttackerProcess, seconds: number): Promise<Outcome> {
  const over = attacker.over.catch(async (error: unknown): Promise<Outcome> => {
    // An attack fails because its relay died, too; that is seen first then.
    await pause(10 * DEATH_SEEN_MS);
    const text = `the attack failed: ${error instanceof Error ? error.message : String(error)}`;
    return { text, ended: false, problem: text };
  });
  const outcome = await within(over, seconds * 1000 + LATE_MS);
  return outcome === 'late' ? { text: 'the attack did not end in time', ended: false } : outcome;
}

function within<Value>(work: Promise<Value>, ms: number): Promise<Value | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

async function died(isRunning: () => boolean): Promise<'died'> {
  while (isRunning()) await pause(DEATH_SEEN_MS);
  return 'died';
}
