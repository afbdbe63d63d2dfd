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
  /** The command that uses it, on the relay's machine: a template whose one parameter is `localPort`. */
  readonly use: string;
  /** One sentence: what must run there. */
  readonly help: string;
}

/** The command line that uses a forward. */
export function forwardCommand(use: string, localPort: number): string {
  return segmentsText(renderTemplate(use, (id) => (id === 'localPort' ? String(localPort) : undefined)));
}
