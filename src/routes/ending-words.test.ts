import { expect, it } from 'vitest';
import { endingWords } from './ending-words.ts';

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
