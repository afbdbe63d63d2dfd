import { expect, it } from 'vitest';
import { addLoss, lossOf } from './losses.ts';

const losses = [
  { at: 10_000, news: 'crashed' },
  { at: 50_000, news: 'back' },
] as const;

it('gives what ended the loss of the connection that it went over, and no other', () => {
  // A moment before its device was seen to be lost, and long after it was given up.
  expect(lossOf(losses, { openedAt: 1_000, endedAt: 9_990 })).toBe(losses[0]);
  expect(lossOf(losses, { openedAt: 1_000, endedAt: 45_000 })).toBe(losses[0]);
  expect(lossOf(losses, { openedAt: 20_000, endedAt: 50_001 })).toBe(losses[1]);
});

it('claims nothing of what was never open, still runs, or ended before', () => {
  expect(lossOf(losses, { endedAt: 10_000 })).toBeUndefined();
  expect(lossOf(losses, { openedAt: 1_000 })).toBeUndefined();
  expect(lossOf(losses, { openedAt: 1_000, endedAt: 1_500 })).toBeUndefined();
  expect(lossOf(losses, { openedAt: 60_000, endedAt: 70_000 })).toBeUndefined();
});

it('keeps a bounded number', () => {
  let many = addLoss([], 0);
  for (let at = 1; at <= 200; at++) many = addLoss(many, at);
  expect(many).toHaveLength(50);
  expect(many.at(-1)).toEqual({ at: 200, news: undefined });
});
