import { renderTemplate, segmentsText } from './template.ts';

/** A port of a device that is worth forwarding, as the form offers it. */
export interface ForwardPreset {
  readonly id: string;
  readonly label: string;
  /** Templates: where it listens, as the device sees it. */
  readonly host: string;
  readonly port: string;
  /** The local port to ask for; a template. Without one, any that is free. */
  readonly localPort?: string;
  /** The command that uses it, on the relay's machine: a template of `localHost` and `localPort`. */
  readonly use: string;
  /** One sentence: what must run there. */
  readonly help: string;
}

/**
 * The name under which a page shows the forwards, which listen on 127.0.0.1: not its own. Cookies do not know ports, so
 * under the page's name a browser would give the device its sign-in, and the device could put another in its place.
 * @param pageHost of the page's address
 */
export function forwardHost(pageHost: string): string {
  return pageHost === '127.0.0.1' ? 'localhost' : '127.0.0.1';
}

/** The command line that uses a forward. */
export function forwardCommand(use: string, local: { readonly host: string; readonly port: number }): string {
  const values = new Map([
    ['localHost', local.host],
    ['localPort', String(local.port)],
  ]);
  return segmentsText(renderTemplate(use, (id) => values.get(id)));
}
