import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { untilLoaded } from './until-loaded.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what loads at once is there at once', async () => {
  const load = vi.fn(() => Promise.resolve('part'));
  await expect(untilLoaded(load)).resolves.toBe('part');
  expect(load).toHaveBeenCalledTimes(1);
});

test('a failure is followed by another attempt, after twice the pause each time, up to eight seconds', async () => {
  const begun = Date.now();
  const attempts: number[] = [];
  const loaded = untilLoaded(() => {
    attempts.push(Date.now() - begun);
    return attempts.length < 8 ? Promise.reject(new Error('network changed')) : Promise.resolve('part');
  });
  await vi.runAllTimersAsync();
  await expect(loaded).resolves.toBe('part');
  expect(attempts).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 23_500, 31_500]);
});
