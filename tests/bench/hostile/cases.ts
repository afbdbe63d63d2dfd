import { AUDIT_TRAIL } from './audit-trail.ts';
import type { HostileCase } from './case.ts';
import { CONTROLS } from './controls.ts';
import { DEVICES } from './devices.ts';
import { FORWARDS } from './forwards.ts';
import { PAGES } from './pages.ts';
import { PRACTICE } from './practice.ts';
import { STRANGERS } from './strangers.ts';

/** Every case of the campaign. A new one is one entry in one of these lists. */
export const CASES: readonly HostileCase[] = [
  ...CONTROLS,
  ...STRANGERS,
  ...PAGES,
  ...DEVICES,
  ...FORWARDS,
  ...AUDIT_TRAIL,
  ...PRACTICE,
];
