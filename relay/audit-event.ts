import type { Ending } from './channel.ts';

/**
 * What is worth knowing afterwards: who did what on which device, when, and how it ended. A closed list of plain
 * fields. There is no field for a command: people type passwords into those, and a hash of a short secret tells it.
 * The device's own log has what ran. There is none for a channel's id either, which is a secret; `channel` counts.
 */
export type AuditEvent =
  | { readonly event: 'start' | 'stop' }
  | { readonly event: 'sign-in'; readonly principal: string; readonly peer: string | undefined }
  /** A token that is not of an unused link. `count`: so many since the last such line of this peer. */
  | { readonly event: 'sign-in-refused'; readonly peer: string; readonly count?: number }
  /** `self`: by its own page; `other`: by the page of `by`; `room`: 32 others were used since, and it had to go. */
  | {
      readonly event: 'sign-out';
      readonly principal: string;
      readonly how: 'self' | 'other' | 'room';
      readonly by?: string;
    }
  | {
      readonly event: 'open';
      readonly principal: string;
      readonly channel: number;
      readonly target: string;
      readonly address: string;
      /** `shell` is the login shell; `terminal` and `command` run one command line, with a terminal and without. */
      readonly what: 'shell' | 'terminal' | 'command' | 'forward';
      /** Where a port forward leads: `host:port` as the device sees it. */
      readonly to?: string;
    }
  /** `count`: so many since the last such line of this channel. */
  | { readonly event: 'resume'; readonly principal: string; readonly channel: number; readonly count?: number }
  /** `resumes`: so many that no line has told. */
  | ({ readonly event: 'end'; readonly channel: number; readonly resumes?: number } & Ending)
  | {
      readonly event: 'device-added' | 'device-removed';
      readonly principal: string;
      readonly target: string;
      readonly address: string;
    }
  | {
      readonly event: 'old-algorithms';
      readonly principal: string;
      readonly target: string;
      readonly address: string;
      readonly allowed: boolean;
    }
  | {
      readonly event: 'host-key-trusted';
      readonly principal: string;
      readonly target: string;
      readonly address: string;
      readonly fingerprint: string;
    };

/** Longest text of a field, in characters: a longer address or host name is cut, and `target` still names the device. */
const FIELD_MAX = 128;
/** Longest signal: the one field that a device writes. SSH's own names have up to 4 letters (RFC 4254 section 6.10). */
const SIGNAL_MAX = 64;

/** The event with no field longer than its bound, all of them of visible ASCII: each character is one byte of a line. */
export function bounded(event: AuditEvent): AuditEvent {
  const entries = Object.entries(event).map(([name, value]: [string, unknown]) => [
    name,
    typeof value === 'string' ? cut(value, name === 'signal' ? SIGNAL_MAX : FIELD_MAX) : value,
  ]);
  return Object.fromEntries(entries) as AuditEvent;
}

function cut(text: string, max: number): string {
  const short = text.length > max ? `${text.slice(0, max - 3)}...` : text;
  return short.replace(/[^\x20-\x7e]|["\\]/g, '?');
}
