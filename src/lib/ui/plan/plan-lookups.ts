import type { PlannedSheet } from '#lib/domain/plan.ts';
import type { RenderedStep } from '#lib/domain/render-sheet.ts';
import type { SheetLookups } from '../sheet/sheet-lookups.ts';

/** What a plan refers to, looked up by whoever shows it. */
export interface PlanLookups {
  readonly component: (id: string) => string;
  readonly sheetTitle: (id: string) => string;
  /** The steps of a planned sheet that are to be done, with its values filled in. */
  readonly steps: (planned: PlannedSheet) => readonly RenderedStep[];
  /** The sheet with these values, or one step of it; resolved. */
  readonly href: (planned: PlannedSheet, stepId?: string) => string;
  readonly sheet: SheetLookups;
}
