import type { LinkState } from '#lib/state/device.svelte.ts';

/** A link's state as colour and word. */
export const LINK_WORDS = {
  paper: { state: 'idle', word: 'no device' },
  idle: { state: 'idle', word: 'not connected' },
  connecting: { state: 'busy', word: 'connecting' },
  connected: { state: 'ok', word: 'connected' },
  away: { state: 'warn', word: 'reconnecting' },
  problem: { state: 'bad', word: 'problem' },
} as const satisfies Record<LinkState, { state: string; word: string }>;
