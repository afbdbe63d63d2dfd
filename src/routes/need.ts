import { resolve } from '$app/paths';
import { FACTS } from '#lib/catalog/facts.ts';
import { SHEETS } from '#lib/catalog/sheets.ts';
import type { Facts } from '#lib/domain/facts.ts';
import { requirementState } from '#lib/domain/requirement.ts';
import type { Requirement } from '#lib/domain/sheet.ts';
import type { Need } from '#lib/ui/sheet/sheet-lookups.ts';

/** A requirement as it stands on a device, with what the device says about it and where it is put right. */
export function needOn(facts: Facts, requirement: Requirement): Need {
  return {
    state: requirementState(requirement, facts),
    reason: reason(facts, requirement),
    way: requirement.way === undefined ? undefined : way(requirement.way),
  };
}

function reason(facts: Facts, { fact: wanted }: Requirement): string | undefined {
  if (!wanted) return undefined;
  const fact = facts[wanted.id];
  if (!fact) return 'No device was asked yet.';
  const label = FACTS.find(({ id }) => id === wanted.id)?.label ?? wanted.id;
  return 'value' in fact ? `${label}: ${fact.value}` : fact.absent;
}

function way(target: string): Need['way'] {
  const [sheetId = '', stepId] = target.split('#');
  const sheet = SHEETS.find(({ id }) => id === sheetId);
  const step = sheet?.steps.find(({ id }) => id === stepId);
  return {
    href: resolve('/(guide)/sheets/[id]', { id: sheetId }) + (stepId === undefined ? '' : `#${stepId}`),
    label: [sheet?.title, step?.title].filter(Boolean).join(': '),
  };
}
