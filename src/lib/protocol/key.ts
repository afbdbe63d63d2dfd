/** The header in which a page shows its key, in lower case. */
export const KEY_HEADER = 'workbench-key';

/** A page cannot give its WebSocket a header, so it asks for two subprotocols: the wire's, and the key with this before it. */
export const SUBPROTOCOL = 'crostini-workbench';
export const KEY_SUBPROTOCOL = 'key.';
