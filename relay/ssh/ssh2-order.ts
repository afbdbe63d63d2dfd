import type { Duplex } from 'node:stream';
import type { SshClient } from './client.ts';

type Handler = (protocol: unknown, ...parts: readonly unknown[]) => void;

interface ClientInternals {
  readonly _protocol: { readonly _handlers: Record<LoginMessage | 'DISCONNECT', Handler> };
}

type LoginMessage =
  | 'SERVICE_ACCEPT'
  | 'USERAUTH_BANNER'
  | 'USERAUTH_FAILURE'
  | 'USERAUTH_INFO_REQUEST'
  | 'USERAUTH_PASSWD_CHANGEREQ'
  | 'USERAUTH_PK_OK'
  | 'USERAUTH_SUCCESS';

/**
 * Keeps a server to the order of a login: one beginning, and nothing after its end, where ssh2 would log in again and
 * then give up the connection (OpenSSH sshconnect2.c: dispatch tables of their own before, in and after it).
 *
 * @param onRound asked at each keyboard-interactive request, also one with no prompts, which ssh2 answers by itself;
 * false: it is not answered
 */
export function boundLogin(client: SshClient, onRound: () => boolean): void {
  const { _handlers: handlers } = (client as unknown as ClientInternals)._protocol;
  const { SERVICE_ACCEPT: begin, USERAUTH_INFO_REQUEST: ask, USERAUTH_SUCCESS: succeed } = handlers;
  handlers.SERVICE_ACCEPT = (protocol, name) => {
    handlers.SERVICE_ACCEPT = ignore;
    begin(protocol, name);
  };
  handlers.USERAUTH_INFO_REQUEST = (protocol, ...parts) => {
    if (onRound()) ask(protocol, ...parts);
  };
  handlers.USERAUTH_SUCCESS = (protocol) => {
    for (const message of AFTER_LOGIN) handlers[message] = ignore;
    succeed(protocol);
  };
}

/** A server that said goodbye is gone; ssh2 waits until it closes, and takes what it says meanwhile. */
export function endOnDisconnect(client: SshClient, stream: Duplex): void {
  const { _handlers: handlers } = (client as unknown as ClientInternals)._protocol;
  const { DISCONNECT: disconnect } = handlers;
  handlers.DISCONNECT = (protocol, ...parts) => {
    disconnect(protocol, ...parts);
    stream.destroy();
  };
}

const ignore: Handler = () => undefined;

const AFTER_LOGIN: readonly LoginMessage[] = [
  'USERAUTH_BANNER',
  'USERAUTH_FAILURE',
  'USERAUTH_INFO_REQUEST',
  'USERAUTH_PASSWD_CHANGEREQ',
  'USERAUTH_PK_OK',
  'USERAUTH_SUCCESS',
];
