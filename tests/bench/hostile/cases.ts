import type { HostileCase } from './case.ts';
import { CONTROLS } from './controls.ts';
import { DEVICES } from './devices.ts';
import { PAGES } from './pages.ts';

/** Every case of the campaign. A new one is one entry in one of these lists. */
export const CASES: readonly HostileCase[] = [...CONTROLS, ...PAGES, ...DEVICES];
