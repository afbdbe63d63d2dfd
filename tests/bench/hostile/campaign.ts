import { mkdir, rm } from 'node:fs/promises';
import type { Sshd } from '../../integration/sshd.ts';
import { quantile } from '../relay/statistics.ts';
import { type AttackerProcess, startAttacker } from './attacker-process.ts';
import type { HostileCase, Outcome } from './case.ts';
import { MemoryWatch } from './memory-watch.ts';
import { startRelayProcess } from './relay-process.ts';
import { Victim } from './victim.ts';

/** What one case did to the relay and to somebody else. */
export interface CaseResult {
  readonly id: string;
  readonly title: string;
  readonly control: boolean;
  /** How much memory the relay took more, at its highest, in MB; and the processes below it. */
  readonly rssMb: number;
  readonly belowMb: number;
  /** Of the victim's keys, in ms. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  readonly keys: number;
  readonly survived: boolean;
  /** What became of the attacker, or of the relay. */
  readonly outcome: string;
  /** What is wrong and no number. */
  readonly problems: readonly string[];
}

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

/** A relay that has this much memory is stopped: it would take that of the machine. In bytes. */
const FULL = 1.5e9;

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
    let isFull: () => void = () => undefined;
    const full = new Promise<'full'>((resolve) => (isFull = () => resolve('full')));
    const memory = new MemoryWatch(relay.pid, (bytes) => {
      if (bytes > FULL) isFull();
    });
    closers.push(() => memory.stop());
    const attacker = startAttacker({ of, relay, device: other, seed, seconds, patience: pace.patience, directory });
    closers.push(() => attacker.stop());
    await attacker.prepared;
    await pause(pace.settleMs);
    memory.reset();
    victim.takeTimes();
    attacker.go();
    const ended = await Promise.race([outcomeOf(attacker, seconds + pace.patience), full, died(relay.isRunning)]);
    if (typeof ended !== 'string') await pause(pace.tailMs);
    for (const since = performance.now(); performance.now() - since < ECHO_WAIT_MS; await pause(10))
      if (typeof ended === 'string' || !victim.waitsFor(50)) break;
    const times = victim.takeTimes();
    const survived = relay.isRunning() && ended !== 'full';
    const { own, below } = memory.growth;
    return {
      ...{ id: of.id, title: of.title, control: of.control === true, survived, keys: times.length },
      ...{ rssMb: own, belowMb: below, p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
      worst: Math.max(...times),
      ...judge(of, ended, relay.isRunning() ? null : await relay.lastWords(), victim.lost),
    };
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}

/** When it was told to stop and does not, something of it hangs, which says enough. */
function outcomeOf(attacker: AttackerProcess, seconds: number): Promise<Outcome> {
  const late: Outcome = { text: 'the attack did not end in time', ended: false };
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve(late), seconds * 1000 + LATE_MS);
  });
  return Promise.race([attacker.over, timeUp]).finally(() => clearTimeout(timer));
}

async function died(isRunning: () => boolean): Promise<'died'> {
  while (isRunning()) await pause(20);
  return 'died';
}

function judge(
  of: HostileCase,
  ended: Outcome | 'full' | 'died',
  lastWords: string | null,
  lost: string | null,
): Pick<CaseResult, 'outcome' | 'problems'> {
  if (lastWords !== null)
    return { outcome: `DIED: ${lastWords}`, problems: [`${of.id}: the relay died: ${lastWords}`] };
  if (ended === 'full') {
    const outcome = `STOPPED at ${FULL / 1e9} GB`;
    return { outcome, problems: [`${of.id}: the relay was ${outcome}`] };
  }
  if (ended === 'died') throw new Error('a relay that died has last words');
  const problems = [
    ...(ended.problem === undefined ? [] : [ended.problem]),
    ...(of.mustEnd && !ended.ended ? ['the attacker was neither cut off nor refused'] : []),
    ...(lost === null ? [] : [`the victim lost the terminal: ${lost}`]),
  ].map((problem) => `${of.id}: ${problem}`);
  return { outcome: ended.text, problems };
}
