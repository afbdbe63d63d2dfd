import type { Erratum, Requirement } from '#lib/domain/sheet.ts';
import type { RequirementState } from '#lib/domain/requirement.ts';
import type { PlaceInfos } from '#lib/domain/place.ts';

/** A requirement as it stands on the device. */
export interface Need {
  readonly state: RequirementState;
  /** What the device says, or why it says nothing. */
  readonly reason?: string | undefined;
  /** Where it is put right. */
  readonly way?: { readonly href: string; readonly label: string } | undefined;
}

/** What the text of a sheet refers to, looked up by whoever shows it. */
export interface SheetLookups {
  readonly places: PlaceInfos;
  readonly parameterLabel: (id: string) => string;
  readonly erratum: (id: string) => Erratum | undefined;
  readonly need: (requirement: Requirement) => Need;
}
