import { expect, it } from 'vitest';
import { WINDOW, Windows } from './windows.ts';

it('gives the first channels what they want, and all of a device no more than 16 MiB and their least', () => {
  const windows = new Windows();
  expect(windows.take(WINDOW.stream)).toBe(WINDOW.stream);
  const more = Array.from({ length: 500 }, () => windows.take(WINDOW.stream));
  const sum = more.reduce((total, window) => total + window, WINDOW.stream);
  expect(sum).toBeLessThan(16 * 2 ** 20 + 501 * WINDOW.least);
  expect(Math.min(...more)).toBe(WINDOW.least);
  for (const window of [WINDOW.stream, ...more]) windows.give(window);
  expect(windows.take(WINDOW.stream)).toBe(WINDOW.stream);
});

it('gives 32 terminals their whole window', () => {
  const windows = new Windows();
  const taken = Array.from({ length: 32 }, () => windows.take(WINDOW.terminal));
  expect(new Set(taken)).toEqual(new Set([WINDOW.terminal]));
});
