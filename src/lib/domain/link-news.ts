/** What a person should know when a device is there again. */
export type LinkNews = 'restarted' | 'crashed' | 'back';

/** How a device went away and came back. Boot ids are undefined where they could not be read. */
export interface Return {
  readonly bootBefore: string | undefined;
  readonly bootAfter: string | undefined;
  /** It had not answered for a while before its connection ended: it did not say goodbye. */
  readonly wasSilent: boolean;
}

/**
 * Tells a restart from a lost network by the kernel's boot id, and a crash from a reboot by whether the connection was
 * closed in order. Undefined if that cannot be told.
 */
export function judgeReturn({ bootBefore, bootAfter, wasSilent }: Return): LinkNews | undefined {
  if (bootBefore === undefined || bootAfter === undefined) return undefined;
  if (bootBefore === bootAfter) return 'back';
  return wasSilent ? 'crashed' : 'restarted';
}
