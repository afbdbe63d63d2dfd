import { expect, it } from 'vitest';
import { endingAdvice, endingWords } from './ending-words.ts';

it('tells a code, a signal and a channel that closed without a status apart, and says a problem as it is', () => {
  const exit = (code: number | null, signal: string | null) => endingWords({ exit: { type: 'exit', code, signal } });
  expect(exit(0, null)).toBe('Exited with code 0');
  expect(exit(143, null)).toBe('Exited with code 143');
  expect(exit(null, 'TERM')).toBe('Ended by signal TERM');
  expect(exit(null, null)).toBe('The device closed the channel without a status');
  expect(endingWords({ problem: { code: 'connection-lost', message: 'The connection was lost.' } })).toBe(
    'The connection was lost',
  );
  expect(endingWords(undefined)).toBeUndefined();
});

it('says of a device that restarted what ended with it, and of nothing else', () => {
  const lost = { problem: { code: 'connection-lost', message: 'The connection was lost.' } } as const;
  for (const news of ['restarted', 'crashed'] as const) {
    expect(endingWords(lost, news)).toBe('The device restarted, and this ended with it');
    expect(endingWords({ exit: { type: 'exit', code: 0, signal: null } }, news)).toBe('Exited with code 0');
    expect(endingWords({ problem: { code: 'channel-taken', message: 'Elsewhere.' } }, news)).toBe('Elsewhere');
  }
  expect(endingWords(lost, 'back')).toBe('The connection was lost');
});

it('guesses at a restart only while nothing is known', () => {
  const lost = { problem: { code: 'connection-lost', message: 'The connection was lost.' } } as const;
  expect(endingAdvice(lost)).toMatch(/may have restarted/);
  expect(endingAdvice(lost, 'back')).toMatch(/^The device did not restart\./);
  expect(endingAdvice(lost, 'crashed')).toMatch(/^Reconnect starts a new shell/);
  expect(endingAdvice({ exit: { type: 'exit', code: 1, signal: null } })).toBeUndefined();
});
