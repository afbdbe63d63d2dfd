import { type Socket, connect } from 'node:net';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** HTTP as bytes: what no client library sends. */

/** An answer, or status 0 when the connection was closed without one. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** A request as its lines; `headers` in the order given, names repeated as they are. */
export interface RawRequest {
  /** `GET / HTTP/1.1` */
  readonly line: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export function textOf({ line, headers, body = '' }: RawRequest): string {
  const all = [...headers, ...(body === '' ? [] : [['content-length', String(Buffer.byteLength(body))] as const])];
  return `${line}\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;
}

/** The headers of a WebSocket handshake, but for Host, Origin and cookie. */
export const UPGRADE = [
  ['connection', 'Upgrade'],
  ['upgrade', 'websocket'],
  ['sec-websocket-version', '13'],
  ['sec-websocket-key', 'dGhlIHNhbXBsZSBub25jZQ=='],
] as const;

/** A connection to a port of this machine that collects what comes. Whoever opened it destroys it. */
export interface RawConnection {
  readonly socket: Socket;
  /** What has come so far. */
  readonly received: () => string;
  /** Resolves to what has come when it holds `what`; rejects when the connection closes before. */
  readonly until: (what: string) => Promise<string>;
  /** Resolves to what has come when the other side has closed. */
  readonly closed: Promise<string>;
}

/** @param allowHalfOpen true: it does not close its side because the other side has closed its own */
export function openRaw(port: number, allowHalfOpen = false): RawConnection {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen });
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(text)));
  const until = (what: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const check = (): void => void (text.includes(what) && resolve(text));
      socket.on('data', check);
      void closed.then(() => reject(new Error(`closed before ${JSON.stringify(what)} came: ${text}`)));
      check();
    });
  return { socket, received: () => text, until, closed };
}

/** Sends bytes and reads the answer to its end: a handshake that is accepted ends after its headers. */
export async function askRaw(port: number, request: RawRequest | string): Promise<RawAnswer> {
  const { socket, received, closed } = openRaw(port);
  socket.on('data', () => {
    if (received().startsWith('HTTP/1.1 101') && received().includes('\r\n\r\n')) socket.destroy();
  });
  socket.write(typeof request === 'string' ? request : textOf(request));
  const [head = '', ...rest] = (await closed).split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body: rest.join('\r\n\r\n') };
}

/** A folder with the least that the relay takes for a built app. */
export async function makeApp(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'workbench-app-'));
  const policy = '<meta http-equiv="content-security-policy" content="default-src \'self\'">';
  await writeFile(join(folder, '200.html'), `<!doctype html>${policy}<title>the app</title>`);
  await writeFile(join(folder, 'large.js'), `// ${'x'.repeat(8 << 20)}`);
  return folder;
}
