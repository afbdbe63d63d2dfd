import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BEAT_MS, Heartbeat } from './heartbeat.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start() {
  const said: string[] = [];
  const heartbeat = new Heartbeat({
    ask: () => said.push('ask'),
    onSilent: (since) => said.push(`silent for ${Date.now() - since} ms`),
    onBack: () => said.push('back'),
  });
  return { said, heartbeat };
}

describe('a heartbeat', () => {
  it('asks again and again while it is answered', () => {
    const { said, heartbeat } = start();
    for (let turn = 0; turn < 3; turn++) {
      vi.advanceTimersByTime(BEAT_MS);
      heartbeat.answered();
    }
    expect(said).toEqual(['ask', 'ask', 'ask']);
  });

  it('asks once, says once that nobody answers, and says when somebody does', () => {
    const { said, heartbeat } = start();
    vi.advanceTimersByTime(10 * BEAT_MS);
    expect(said).toEqual(['ask', `silent for ${2 * BEAT_MS} ms`]);
    heartbeat.answered();
    heartbeat.answered();
    expect(said.slice(2)).toEqual(['back']);
    vi.advanceTimersByTime(BEAT_MS);
    expect(said.slice(3)).toEqual(['ask']);
  });

  it('is quiet once stopped', () => {
    const { said, heartbeat } = start();
    heartbeat.stop();
    vi.advanceTimersByTime(10 * BEAT_MS);
    expect(said).toEqual([]);
  });
});
