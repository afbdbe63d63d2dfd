import type { AuthContext, KeyboardAuthContext, ServerChannel } from 'ssh2';
import { firstMessage, type NullPage } from '../relay/null-page.ts';
import type { Attacker, HostileCase, Outcome } from './case.ts';
import { type RelayConnection, outgoingOf, startHostileDevice } from './hostile-device.ts';
import { channelData, channelOpen, extendedData, globalRequest, hostKeys, ignored } from './packets.ts';
import { openMany, persist, storm } from './persistence.ts';

/** What a device can do that somebody has logged in to. */

type Misbehave = (attacker: Attacker, connection: RelayConnection, channel: ServerChannel) => Promise<void>;

/** A terminal on a device that misbehaves as soon as it is open; when that connection is over, the next. */
function onDevice(misbehave: Misbehave): HostileCase['attack'] {
  return async (attacker) => {
    const person = await attacker.signIn();
    let latest: [RelayConnection, ServerChannel] | undefined;
    const device = await startHostileDevice(attacker, (connection, channel) => (latest = [connection, channel]));
    const target = await person.addDevice(device.address, device.fingerprint);
    return persist(
      attacker,
      1,
      () => person.openTerminal(target, null),
      async ({ closed }) => {
        if (!latest) throw new Error('the relay opened no channel on the device');
        await Promise.race([misbehave(attacker, ...latest).then(() => attacker.timeUp), closed]);
      },
    );
  };
}

/** The same packet again and again; what the relay answers is not read. */
const floodUnread = (payload: Buffer): HostileCase['attack'] =>
  onDevice((attacker, connection) => {
    connection.socket.pause();
    return connection.flood(attacker, payload);
  });

/** Packets of one byte to terminals whose pages hang: all that the relay lets the device send. */
async function singleBytes(attacker: Attacker, terminals: number): Promise<Outcome> {
  const person = await attacker.signIn();
  const channels: [RelayConnection, ServerChannel][] = [];
  const device = await startHostileDevice(attacker, (connection, channel) => channels.push([connection, channel]));
  const target = await person.addDevice(device.address, device.fingerprint);
  const pages: NullPage[] = await openMany(terminals, () => person.openTerminal(target, null));
  for (const page of pages) page.stall();
  await attacker.ready();
  await Promise.all(
    channels.map(([connection, channel]) => {
      const { id, window } = outgoingOf(channel);
      return connection.flood(attacker, channelData(id, Buffer.of(120)), window);
    }),
  );
  const closed = channels.filter(([connection, channel]) => connection.isClosed || channel.destroyed).length;
  return { text: closed === 0 ? 'served' : `${closed} of ${terminals} closed`, ended: closed > 0 };
}

/** Asks one question after the other, whatever the answer is. */
function askForEver(context: AuthContext, onQuestion: () => void): void {
  if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
  const ask = (keyboard: KeyboardAuthContext): void => {
    onQuestion();
    keyboard.prompt('And now?', () => ask(keyboard));
  };
  ask(context);
}

/** A login that is never over, and a page that answers. */
async function endlessQuestions(attacker: Attacker): Promise<Outcome> {
  const person = await attacker.signIn();
  let questions = 0;
  const onQuestion = (): void => void questions++;
  const device = await startHostileDevice(
    attacker,
    () => undefined,
    (context) => askForEver(context, onQuestion),
  );
  const target = await person.addDevice(device.address, device.fingerprint);
  const { text, ended } = await storm(attacker, 1, async () => {
    const socket = await person.openSocket();
    const closed = new Promise<string>((resolve) => {
      socket.onText = (said) => {
        const { type, prompt, problem } = JSON.parse(said) as {
          readonly type: string;
          readonly prompt?: number;
          readonly problem?: { readonly code: string };
        };
        if (type === 'prompt') socket.sendText(JSON.stringify({ type: 'answer', prompt, answers: ['x'] }));
        if (type === 'close') resolve(problem?.code ?? 'closed');
      };
      socket.onClose = () => resolve('the relay closed the socket');
    });
    socket.sendText(firstMessage({ type: 'open', target, command: null, pty: null }));
    const why = await Promise.race([closed, attacker.timeUp.then(() => null)]);
    socket.close();
    return why;
  });
  return { text: `${questions} questions; ${text}`, ended };
}

export const DEVICES: readonly HostileCase[] = [
  {
    id: 'bytes_1_terminal',
    title: 'device: its window in packets of 1 byte, a stalled terminal',
    seconds: 6,
    attack: (attacker) => singleBytes(attacker, 1),
  },
  {
    id: 'bytes_16_terminals',
    title: 'device: the same to sixteen stalled terminals',
    seconds: 8,
    quickSeconds: 2,
    attack: (attacker) => singleBytes(attacker, 16),
  },
  {
    id: 'bytes_two_streams',
    title: 'device: packets of 1 byte, of stdout and stderr in turns',
    seconds: 4,
    attack: onDevice(async (attacker, connection, channel) => {
      const outgoing = outgoingOf(channel);
      const byte = Buffer.of(120);
      const pair = [channelData(outgoing.id, byte), extendedData(outgoing.id, byte)];
      while (attacker.goesOn() && !connection.isClosed) {
        for (const payload of outgoing.window > 1 ? pair : []) connection.send(payload);
        outgoing.window = Math.max(0, outgoing.window - 2);
        await connection.flushed();
      }
    }),
  },
  {
    id: 'global_requests',
    title: 'device: requests for replies that it does not read',
    seconds: 8,
    quickSeconds: 1.5,
    mustEnd: true,
    attack: floodUnread(globalRequest('nonsense@example', true)),
  },
  {
    id: 'channel_opens',
    title: 'device: channel opens, and reads no reply',
    seconds: 6,
    quickSeconds: 1.2,
    mustEnd: true,
    attack: floodUnread(channelOpen(7)),
  },
  {
    id: 'host_keys',
    title: 'device: announcements of host keys',
    seconds: 6,
    quickSeconds: 1.2,
    mustEnd: true,
    attack: floodUnread(hostKeys(Buffer.alloc(32, 7))),
  },
  {
    id: 'half_closed',
    title: 'device: channel opens, then it closes its half',
    seconds: 8,
    mustEnd: true,
    attack: onDevice(async (attacker, connection) => {
      connection.socket.pause();
      await connection.flood(attacker, channelOpen(7), 200_000);
      connection.socket.end();
    }),
  },
  {
    id: 'ignored_packets',
    title: 'device: packets that are to be ignored',
    seconds: 4,
    attack: onDevice((attacker, connection) => connection.flood(attacker, ignored())),
  },
  {
    id: 'endless_questions',
    title: 'device: login questions without end, answered',
    seconds: 4,
    quickSeconds: 1.2,
    mustEnd: true,
    attack: endlessQuestions,
  },
];
