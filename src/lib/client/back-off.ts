/**
 * First and longest pause before coming back, in ms; doubling between (web-terminals.md section 4, "timers"). Each is
 * made longer by up to half, never above LONGEST_MS: pages that lost the same relay do not come back in step.
 */
const FIRST_MS = 500;
const LONGEST_MS = 15_000;
const JITTER = 0.5;

/** Waits before each new attempt, longer each time, for as long as it takes: the laptop may sleep all night. */
export interface BackOff {
  /** Calls `attempt` after the next pause. */
  wait(attempt: () => void): void;
  /** Ends a running pause at once. */
  now(): void;
  /** An attempt succeeded: start again with the shortest pause. */
  reset(): void;
  stop(): void;
}

/** A back-off with jitter that also ends its pause when the page becomes visible or the network comes back. */
export function createBackOff(): BackOff {
  let pause = FIRST_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: (() => void) | undefined;
  const now = (): void => {
    const attempt = waiting;
    stop();
    attempt?.();
  };
  const wake = (): void => {
    if (globalThis.document?.visibilityState !== 'hidden') now();
  };
  const stop = (): void => {
    clearTimeout(timer);
    waiting = undefined;
    globalThis.removeEventListener?.('online', wake);
    globalThis.document?.removeEventListener('visibilitychange', wake);
  };
  return {
    wait(attempt) {
      stop();
      waiting = attempt;
      timer = setTimeout(now, pause * (1 + Math.random() * JITTER));
      pause = Math.min(pause * 2, LONGEST_MS / (1 + JITTER));
      globalThis.addEventListener?.('online', wake);
      globalThis.document?.addEventListener('visibilitychange', wake);
    },
    now,
    reset: () => (pause = FIRST_MS),
    stop,
  };
}
