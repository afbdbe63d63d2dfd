import { cp, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attacker, HostileCase, Outcome } from './case.ts';
import { storm } from './persistence.ts';
import { askOften, openRaw, requestOf } from './raw-requests.ts';

/** What somebody can do who has not signed in. */

/** Asks for something as one does who takes no compression. @returns the status, 0 for none, and the body */
async function ask(attacker: Attacker, path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  const { socket, closed } = openRaw(attacker.relay.port);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.write(requestOf(attacker, `${method} ${path}`, { connection: 'close' }));
  await closed;
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), body: text };
}

/** The files that a page asks for first. */
function filesOf(page: string): string[] {
  const found = page.matchAll(/["'](?:\.?\/)?(_app\/[^"']+\.(?:js|css))["']/g);
  return [...new Set([...found].map(([, path = '']) => `/${path}`))];
}

/** Files of the app go while it is served; then another build stands in its place, as after an upgrade. */
async function filesGone(attacker: Attacker): Promise<Outcome> {
  const app = join(attacker.relay.root, 'build', 'app');
  const scripts = (await readdir(app, { recursive: true })).filter((path) => path.endsWith('.js')).slice(0, 8);
  await attacker.ready();
  const statuses = new Set<number>();
  for (const script of scripts) {
    const before = join(app, script);
    await rename(before, `${before}.gone`);
    for (const method of ['GET', 'HEAD']) statuses.add((await ask(attacker, `/${script}`, method)).status);
    await rename(`${before}.gone`, before);
  }
  // Every script of the next build has another name.
  await cp(app, `${app}.next`, { recursive: true });
  await rm(app, { recursive: true });
  await rename(`${app}.next`, app);
  const page = await readFile(join(app, '200.html'), 'utf8');
  for (const path of filesOf(page)) {
    const renamed = path.replace(/\.(js|css)$/, '.next.$1');
    await rename(join(app, path), join(app, renamed));
  }
  const { body } = await ask(attacker, '/');
  const missing: string[] = [];
  for (const path of filesOf(body)) {
    const { status } = await ask(attacker, path);
    statuses.add(status);
    if (status !== 200) missing.push(path);
  }
  return {
    text: `answers ${[...statuses].join(', ')}`,
    ended: false,
    ...(missing.length > 0 && {
      problem: `after a rebuild the page asks for ${missing.length} files that are not served`,
    }),
  };
}

/** Connections that each want something of the relay and read nothing. */
async function manyConnections(attacker: Attacker, count: number, text: string): Promise<Outcome> {
  await attacker.ready();
  const sockets = Array.from({ length: count }, () => openRaw(attacker.relay.port).socket);
  for (const socket of sockets) {
    socket.pause();
    socket.write(text);
  }
  await attacker.timeUp;
  const open = sockets.filter(({ destroyed }) => !destroyed).length;
  for (const socket of sockets) socket.destroy();
  return { text: `${count} connections`, ended: open < count };
}

const statusesOf = (statuses: ReadonlyMap<string, number>): string =>
  [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ') || 'no answer';

export const STRANGERS: readonly HostileCase[] = [
  {
    id: 'files_gone',
    title: 'stranger: asks for files that are gone; then a rebuild',
    seconds: 4,
    quickSeconds: 3,
    relay: { copied: true },
    attack: filesGone,
  },
  {
    id: 'few_descriptors',
    title: 'stranger: 160 connections, where 64 files may be open',
    seconds: 3,
    quickSeconds: 1,
    relay: { descriptors: 64 },
    attack: async (attacker) => manyConnections(attacker, 160, requestOf(attacker, 'GET /')),
  },
  {
    id: 'silent_strangers',
    title: 'stranger: 2,000 connections that say nothing',
    seconds: 3,
    attack: (attacker) => manyConnections(attacker, 2_000, ''),
  },
  {
    id: 'connection_storm',
    title: 'stranger: connections opened, used once and cut',
    seconds: 4,
    attack: (attacker) =>
      storm(attacker, 32, async () => {
        const { socket, closed } = openRaw(attacker.relay.port);
        socket.write(requestOf(attacker, 'GET /'));
        socket.once('data', () => socket.resetAndDestroy());
        await Promise.race([closed, attacker.timeUp]);
        socket.destroy();
        return null;
      }),
  },
  {
    id: 'wrong_tokens',
    title: 'stranger: sign-ins with a wrong token',
    seconds: 4,
    attack: async (attacker) => {
      const body = JSON.stringify({ token: 'x'.repeat(43) });
      await attacker.ready();
      const statuses = await askOften(attacker, 8, [requestOf(attacker, 'POST /session', {}, body)]);
      return {
        text: statusesOf(statuses),
        ended: true,
        ...(statuses.has('200') && { problem: 'a wrong token signs in' }),
      };
    },
  },
  {
    id: 'page_storm',
    title: 'stranger: the page, again and again',
    seconds: 3,
    attack: async (attacker) => {
      await attacker.ready();
      return { text: statusesOf(await askOften(attacker, 8, [requestOf(attacker, 'GET /')])), ended: false };
    },
  },
  {
    id: 'requests_ahead',
    title: 'stranger: 64 requests at once, without waiting for an answer',
    seconds: 3,
    quickSeconds: 1,
    mustEnd: true,
    attack: async (attacker) => {
      await attacker.ready();
      const statuses = await askOften(attacker, 8, [requestOf(attacker, 'GET /')], 64);
      return { text: statusesOf(statuses), ended: true };
    },
  },
  {
    id: 'stalled_readers',
    title: 'stranger: asks for the whole app, and reads nothing of it',
    seconds: 3,
    attack: async (attacker) => {
      const app = join(attacker.relay.root, 'build', 'app');
      const files = (await readdir(app, { recursive: true })).filter((path) => /\.(js|css|html)$/.test(path));
      const requests = files.map((path) => requestOf(attacker, `GET /${path}`));
      return manyConnections(attacker, 64, requests.join(''));
    },
  },
];
