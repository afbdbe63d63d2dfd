import { type Server, type Socket, createServer } from 'node:net';
import { parse } from 'valibot';
import { forwardReportSchema } from '../../../src/lib/protocol/forward.ts';
import { FORWARDS_MAX, FORWARD_CONNECTIONS_MAX } from '../../../src/lib/protocol/limits.ts';
import { listenLocally } from '../../integration/listen.ts';
import type { NullPage } from '../relay/null-page.ts';
import type { Attacker, HostileCase, Outcome } from './case.ts';
import { openMany } from './persistence.ts';
import { openRaw } from './raw-requests.ts';

/** What local programs can do through port forwards. */

const CHUNK = Buffer.alloc(64 * 1024);

/** Where a forward listens, as its first report says. */
function localPortOf(page: NullPage): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    page.onData = (part) => {
      text += part.toString();
      if (text.includes('\n'))
        resolve(parse(forwardReportSchema, JSON.parse(text.slice(0, text.indexOf('\n')))).localPort);
    };
  });
}

/** Sends to one who never reads. */
function sendAll(attacker: Attacker, socket: Socket): void {
  socket.write(CHUNK, () => {
    if (attacker.goesOn() && !socket.destroyed) sendAll(attacker, socket);
  });
}

/** A server that the device reaches: it sends for ever, or reads nothing. */
function serverOf(attacker: Attacker, sends: boolean): Server {
  return createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    if (sends) sendAll(attacker, socket);
  });
}

/** As many forwards and connections as one person may have, and bytes that nobody reads. */
async function unread(attacker: Attacker, fromDevice: boolean): Promise<Outcome> {
  const server = serverOf(attacker, fromDevice);
  const port = await listenLocally(server);
  attacker.atEnd(() => void server.close());
  const person = await attacker.signIn();
  const target = await person.addDevice(attacker.device.address);
  const ports: number[] = [];
  await openMany(FORWARDS_MAX, async () => {
    const page = await person.forward({ target, host: '127.0.0.1', port, localPort: 0 });
    ports.push(await localPortOf(page));
    return page;
  });
  await attacker.ready();
  const sockets = ports.flatMap((local) =>
    Array.from({ length: FORWARD_CONNECTIONS_MAX }, () => openRaw(local).socket.pause()),
  );
  if (!fromDevice) for (const socket of sockets) sendAll(attacker, socket);
  await attacker.timeUp;
  const open = sockets.filter(({ destroyed }) => !destroyed).length;
  for (const socket of sockets) socket.destroy();
  return { text: `${open} of ${sockets.length} connections are open`, ended: open < sockets.length };
}

export const FORWARDS: readonly HostileCase[] = [
  {
    id: 'forwards_from_device',
    title: `${FORWARDS_MAX} × ${FORWARD_CONNECTIONS_MAX} forwarded connections that nobody reads`,
    seconds: 7,
    attack: (attacker) => unread(attacker, true),
  },
  {
    id: 'forwards_to_device',
    title: `${FORWARDS_MAX} × ${FORWARD_CONNECTIONS_MAX} that the device does not read`,
    seconds: 7,
    attack: (attacker) => unread(attacker, false),
  },
];
