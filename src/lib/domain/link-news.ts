/** What a person should know when a device is there again. */
export type LinkNews = 'restarted' | 'crashed' | 'back';

/** How a device went away and came back. Boot ids are undefined where they could not be read. */
export interface Return {
  readonly bootBefore: string | undefined;
  readonly bootAfter: string | undefined;
  /** It closed its connection: it was not silent before, and the connection was neither reset nor given up. */
  readonly saidGoodbye: boolean;
}

/**
 * Tells a restart from a lost network by the kernel's boot id, and a crash from a reboot by whether the connection was
 * closed in order. Undefined if that cannot be told.
 */
export function judgeReturn({ bootBefore, bootAfter, saidGoodbye }: Return): LinkNews | undefined {
  if (bootBefore === undefined || bootAfter === undefined) return undefined;
  if (bootBefore === bootAfter) return 'back';
  return saidGoodbye ? 'restarted' : 'crashed';
}
