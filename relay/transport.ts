import type { Pty } from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import type { Duplex, Readable, Writable } from 'node:stream';

/** What the relay's core asks of SSH: run a command on a target. */
export interface Transport {
  /**
   * Starts `command` (null: the login shell) on a target. Connects first if needed; the host key is checked before
   * any authentication. `prompter` is asked for passwords. Aborting `signal` gives up at any stage.
   * Never throws for what a network or a device may do: that is a Problem.
   */
  exec(target: TransportTarget, request: ExecRequest, prompter: Prompter, signal: AbortSignal): Promise<ExecResult>;
  /**
   * Holds a connection to a target for TCP connections of its own, connecting first if needed, as `exec` does. They are
   * no sessions: OpenSSH's MaxSessions does not count them.
   */
  tunnel(target: TransportTarget, prompter: Prompter, signal: AbortSignal): Promise<TunnelResult>;
  /**
   * Trusts the key that a target offered last, if its fingerprint is this one; replaces the key pinned before.
   * False when no such offer was made. Rejects with a FileProblem when it cannot be written down: then nothing changed.
   */
  trustHostKey(target: TransportTarget, fingerprint: string): Promise<boolean>;
  /** How many SSH connections are open. */
  readonly connections: number;
  /** Ends every connection; resolves when all sockets are closed. */
  close(): Promise<void>;
}

/** A target as the relay knows it. The transport resolves ~/.ssh/config itself, at each connection. */
export interface TransportTarget {
  readonly id: string;
  /** As typed; parsed by `domain/address`. */
  readonly address: string;
  /** The name its host key is filed under, when host and port are not it (as OpenSSH's HostKeyAlias). */
  readonly hostKeyAlias?: string;
  /** Tried before anything is asked. Only the practice device has one. */
  readonly password?: string;
  /**
   * Why the target went away after `since` (as of `performance.now()`) or is away now, as a sentence for a person.
   * Undefined where it did not, or nobody knows. Only the practice device has one.
   */
  readonly lossReason?: (since: number) => Promise<string | undefined>;
  /** It runs a very old image: SHA-1 and CBC will do. Set by a person, for this target alone. */
  readonly oldAlgorithms?: boolean;
}

export interface ExecRequest {
  readonly command: string | null;
  readonly pty: Pty | null;
}

export type ExecResult = { readonly process: Process } | { readonly problem: Problem };

/** A running command. Whoever asked for it ends it. */
export interface Process {
  readonly stdin: Writable;
  /** With a pty, stdout carries both. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles when the command has ended and both streams are read to their end. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  resize(columns: number, rows: number): void;
  signal(name: string): void;
  /** Ends the command and frees the channel. Safe to call twice. */
  kill(): void;
}

export type TunnelResult = { readonly tunnel: Tunnel } | { readonly problem: Problem };

/** TCP connections through a device. Whoever asked for it closes it. */
export interface Tunnel {
  /**
   * Connects to `host:port` as the device sees them. Both directions end for themselves, as in TCP; the stream is
   * destroyed with an error when the connection to the device is lost. Whoever gets it destroys it.
   */
  connect(host: string, port: number, signal: AbortSignal): Promise<StreamResult>;
  /** Settles when the connection to the device is lost, with the reason. Never rejects. */
  readonly lost: Promise<Problem>;
  /** Gives the connection back. Safe to call twice. */
  close(): void;
}

export type StreamResult = { readonly stream: Duplex } | { readonly problem: Problem };

/** `problem` is there when the connection was lost; then code and signal are null. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly problem: Problem | null;
}

/** Asks the person behind the page. null: cancelled, timed out, or nobody there. */
export interface Prompter {
  (question: Question): Promise<readonly string[] | null>;
  /** Who that is. Without it nobody else is the same person. */
  readonly principal?: string;
}

export interface Question {
  readonly title: string;
  readonly instructions: string;
  readonly questions: readonly { readonly text: string; readonly echo: boolean }[];
}
