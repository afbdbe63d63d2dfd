import type { RequirementState } from '#lib/domain/requirement.ts';

/** How a requirement stands, as a mark and a word. */
export const NEED_WORDS = {
  holds: { state: 'ok', word: 'holds' },
  unmet: { state: 'bad', word: 'does not hold' },
  unknown: { state: 'idle', word: 'not known' },
} as const satisfies Record<RequirementState, { state: 'ok' | 'bad' | 'idle'; word: string }>;
