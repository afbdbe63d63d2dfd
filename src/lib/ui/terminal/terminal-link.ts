/** A link of a terminal that a browser may follow. */
export interface TerminalLink {
  /** As a browser reads it: what it looks like is where it leads. */
  readonly address: string;
  /** The server, as its name is resolved: `xn--…` where a letter is not ASCII. */
  readonly host: string;
  /** The text on the screen says where the link leads. */
  readonly isShown: boolean;
}

/**
 * Reads a link that a device printed. Its text may lie: a program chooses the text of an OSC 8 link apart from the
 * address, and a user name (`https://good.example@evil.example`) or a letter of another alphabet hides the server of a
 * plain one. Undefined for what is no address of http or https.
 *
 * @param address Where it leads.
 * @param text What the screen shows.
 */
export function readTerminalLink(address: string, text: string): TerminalLink | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, href, host, origin } = new URL(address);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  const leadsThere = URL.canParse(text) && new URL(text).href === href;
  return { address: href, host, isShown: leadsThere && text.toLowerCase().startsWith(origin) };
}
