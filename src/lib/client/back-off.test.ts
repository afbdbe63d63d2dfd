import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createBackOff } from './back-off.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A page that can be hidden and shown, and a network that can come back. */
function stubPage(visibilityState: 'visible' | 'hidden') {
  const page = Object.assign(new EventTarget(), { visibilityState });
  const network = new EventTarget();
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', network.addEventListener.bind(network));
  vi.stubGlobal('removeEventListener', network.removeEventListener.bind(network));
  return { page, network };
}

/** The pauses before so many attempts that all fail, in ms. */
async function pauses(count: number): Promise<number[]> {
  const backOff = createBackOff();
  const found: number[] = [];
  for (let index = 0; index < count; index++) {
    const begun = Date.now();
    await new Promise<void>((resolve) => {
      backOff.wait(resolve);
      vi.advanceTimersToNextTimer();
    });
    found.push(Date.now() - begun);
  }
  return found;
}

it.each([0, 0.999])(
  'waits half a second first, then twice as long, never above 15 s, and never gives up (%d)',
  async (random) => {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const found = await pauses(1000);
    const factor = 1 + random / 2;
    const wanted = [500, 1000, 2000, 4000, 8000].map((pause) => pause * factor);
    found.slice(0, 5).forEach((pause, index) => expect(pause).toBeCloseTo(wanted[index] ?? 0, -1));
    expect(new Set(found.slice(5).map((pause) => Math.round(pause / 10)))).toEqual(
      new Set([Math.round(1000 * factor)]),
    );
    expect(Math.max(...found)).toBeLessThanOrEqual(15_000);
  },
);

it('does not come back in step with others', async () => {
  const found = await Promise.all(Array.from({ length: 20 }, () => pauses(1)));
  expect(new Set(found.flat()).size).toBeGreaterThan(5);
  expect(Math.min(...found.flat())).toBeGreaterThanOrEqual(500);
});

it('ends its pause when the page is looked at, or the network comes back; not when it is hidden', () => {
  const { page, network } = stubPage('hidden');
  const attempt = vi.fn();
  const backOff = createBackOff();
  backOff.wait(attempt);
  page.dispatchEvent(new Event('visibilitychange'));
  network.dispatchEvent(new Event('online'));
  expect(attempt).not.toHaveBeenCalled();
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(attempt).toHaveBeenCalledTimes(1);
  backOff.wait(attempt);
  network.dispatchEvent(new Event('online'));
  expect(attempt).toHaveBeenCalledTimes(2);
  // Nothing waits any more.
  network.dispatchEvent(new Event('online'));
  page.dispatchEvent(new Event('visibilitychange'));
  vi.runAllTimers();
  expect(attempt).toHaveBeenCalledTimes(2);
});

it('goes on in a page that nobody looks at', () => {
  stubPage('hidden');
  const attempt = vi.fn();
  createBackOff().wait(attempt);
  vi.advanceTimersByTime(750);
  expect(attempt).toHaveBeenCalledOnce();
});

it('starts over after a success, ends at once when asked to, and stops', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const attempt = vi.fn();
  const backOff = createBackOff();
  for (let tries = 0; tries < 4; tries++) {
    backOff.wait(attempt);
    backOff.now();
  }
  expect(attempt).toHaveBeenCalledTimes(4);
  backOff.reset();
  backOff.wait(attempt);
  vi.advanceTimersByTime(500);
  expect(attempt).toHaveBeenCalledTimes(5);
  backOff.wait(attempt);
  backOff.stop();
  vi.runAllTimers();
  backOff.now();
  expect(attempt).toHaveBeenCalledTimes(5);
});
