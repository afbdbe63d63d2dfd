import type { DeviceNews, LinkState } from '#lib/state/device.svelte.ts';

/** A link's state as colour and word. */
export const LINK_WORDS = {
  paper: { state: 'idle', word: 'no device' },
  idle: { state: 'idle', word: 'not connected' },
  connecting: { state: 'busy', word: 'connecting' },
  connected: { state: 'ok', word: 'connected' },
  silent: { state: 'warn', word: 'no answer' },
  away: { state: 'warn', word: 'reconnecting' },
  problem: { state: 'bad', word: 'problem' },
} as const satisfies Record<LinkState, { state: string; word: string }>;

/** What is said when a device is there again. */
export const LINK_NEWS = {
  restarted: {
    title: 'The device restarted',
    text: 'It closed its connections and booted again. What ran on it has ended, and nothing was started again by itself: open new terminals, follow logs again, and sign in on it to have its VM back.',
  },
  crashed: {
    title: 'The device restarted without a goodbye',
    text: 'Its connection broke off without being closed, as in a crash or a power cut, and it booted again. What ran on it has ended, and nothing was started again by itself: open new terminals, follow logs again, and sign in on it to have its VM back.',
  },
  reconnected: { title: 'The device answers again', text: 'It did not restart, but the connection was lost.' },
  back: { title: 'The device answers again', text: 'It did not restart.' },
} as const satisfies Record<DeviceNews, { title: string; text: string }>;
