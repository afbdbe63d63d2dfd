import type { HostileCase, Outcome } from './case.ts';

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

/** A relay that has this much memory is stopped: it would take that of the machine. In bytes. */
export const FULL_BYTES = 1.5e9;

/** Of a case that could not be run. */
export function failedCase({ id, title, control }: HostileCase, error: unknown): CaseResult {
  const reason = error instanceof Error ? error.message : String(error);
  return {
    ...{ id, title, control: control === true, survived: false, keys: 0 },
    ...{ rssMb: 0, belowMb: 0, p50: 0, p99: 0, worst: 0 },
    ...{ outcome: `NOT RUN: ${reason}`, problems: [`${id}: not run: ${reason}`] },
  };
}

/** What became of attacker, relay and victim. @param lastWords of a relay that died @param lost why the victim's terminal is gone */
export function judge(
  of: HostileCase,
  ended: Outcome | 'full' | 'died',
  lastWords: string | null,
  lost: string | null,
): Pick<CaseResult, 'outcome' | 'problems'> {
  if (lastWords !== null)
    return { outcome: `DIED: ${lastWords}`, problems: [`${of.id}: the relay died: ${lastWords}`] };
  if (ended === 'full') {
    const outcome = `STOPPED at ${FULL_BYTES / 1e9} GB`;
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
