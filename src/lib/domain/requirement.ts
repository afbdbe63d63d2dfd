import { type Facts, factValue } from './facts.ts';
import { guestVm } from './guest-vm.ts';
import type { Requirement } from './sheet.ts';

/** Whether a requirement holds, as far as the device has said. */
export type RequirementState = 'holds' | 'unmet' | 'unknown';

/**
 * Compares a requirement with what is known of the device; one without a fact is for a person to check. Of the VMs it
 * is the state of Linux's own that counts: that Android's is running says nothing.
 */
export function requirementState({ fact }: Requirement, facts: Facts): RequirementState {
  if (!fact || !facts[fact.id]) return 'unknown';
  const value = fact.id === 'vms' ? guestVm(facts)?.state : factValue(facts, fact.id);
  return new RegExp(fact.matches).test(value ?? '') ? 'holds' : 'unmet';
}
