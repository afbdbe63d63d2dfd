import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { askRaw } from './raw-http.ts';
import {
  type PageSocket,
  type ProcessOptions,
  type RelayProcess,
  openPageSocket,
  startRelayProcessWith,
} from './relay-process.ts';
import { type Sshd, startSshd } from './sshd.ts';

/** A relay in a process of its own with one device that it knows, and a page that has signed in. Whoever started it closes it. */
export interface SurvivalRig {
  readonly relay: RelayProcess;
  readonly page: Awaited<ReturnType<RelayProcess['signIn']>>;
  readonly target: string;
  /** The device's, for targets that lead to it under other names. */
  readonly address: string;
  /** Opens a command, on the device if no other target is named, and waits until it runs. */
  readonly open: (command: string, pty?: object | null, target?: string) => Promise<PageSocket>;
  /** Asks for a path as a browser does; a connection that is refused has the status 0. */
  readonly get: (path: string, method?: string) => Promise<{ readonly status: number; readonly body: string }>;
  /** The page, the list of devices and a command all work; throws what keeps them from it. */
  expectService(): Promise<void>;
  close(): Promise<void>;
}

export async function startSurvivalRig(options: ProcessOptions = {}, ...flags: string[]): Promise<SurvivalRig> {
  const sshd: Sshd = await startSshd();
  const relay = await startRelayProcessWith(options, '--device', sshd.address, ...flags);
  await writeFile(join(relay.home, '.ssh', 'config'), `Host *\n  IdentityFile ${sshd.keyFile}\n  IdentitiesOnly yes\n`);
  await writeFile(join(relay.home, '.ssh', 'known_hosts'), sshd.knownHostsLine);
  const { port } = relay;
  const page = await relay.signIn();
  const target = /[?&]device=([\w-]+)/.exec(relay.printed().stdout)?.[1] ?? '';
  const get = (path: string, method = 'GET') =>
    askRaw(port, {
      line: `${method} ${path} HTTP/1.1`,
      headers: [
        ['host', `127.0.0.1:${port}`],
        ['cookie', page.cookie],
        ['workbench-key', page['workbench-key']],
        ['connection', 'close'],
      ],
    });
  const open: SurvivalRig['open'] = async (command, pty = null, device = target) => {
    const socket = openPageSocket({ port }, page);
    if (socket.socket.readyState !== WebSocket.OPEN) await once(socket.socket, 'open');
    socket.send({ type: 'open', target: device, command, pty });
    await socket.message({ type: 'ready' });
    return socket;
  };
  return {
    relay,
    page,
    target,
    address: sshd.address,
    open,
    get,
    expectService: async () => {
      const app = await get('/');
      if (app.status !== 200 || !app.body.includes('<!doctype html>')) throw new Error(`the page: ${app.status}`);
      const targets = await get('/targets');
      if (targets.status !== 200) throw new Error(`the list of devices: ${targets.status} ${targets.body}`);
      const socket = await open('echo alive');
      await socket.message({ type: 'exit', code: 0 });
      socket.send({ type: 'close' });
      await once(socket.socket, 'close');
    },
    close: async () => {
      await relay.close();
      await sshd.stop();
    },
  };
}
