import type { PresenceState } from '#lib/domain/presence.ts';

/** How the connected device has a component: its word, what that means, and the mark that stands for it. */
export const STATE_WORDS: Readonly<
  Record<PresenceState, { readonly word: string; readonly help: string; readonly mark: 'ok' | 'warn' | 'idle' }>
> = {
  running: { word: 'running', help: 'Its job or process is there.', mark: 'ok' },
  stopped: { word: 'stopped', help: 'The device has it, and it does not run now.', mark: 'idle' },
  absent: { word: 'absent', help: 'This device has no such thing.', mark: 'warn' },
  unknown: { word: 'not known', help: 'The device gave no answer.', mark: 'idle' },
  none: { word: 'no daemon', help: 'Nothing of it runs by itself.', mark: 'idle' },
};
