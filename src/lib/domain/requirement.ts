import { type Facts, factValue } from './facts.ts';
import type { Requirement } from './sheet.ts';

/** Whether a requirement holds, as far as the device has said. */
export type RequirementState = 'holds' | 'unmet' | 'unknown';

/** Compares a requirement with what is known of the device; one without a fact is for a person to check. */
export function requirementState({ fact }: Requirement, facts: Facts): RequirementState {
  if (!fact || !facts[fact.id]) return 'unknown';
  return new RegExp(fact.matches).test(factValue(facts, fact.id) ?? '') ? 'holds' : 'unmet';
}
