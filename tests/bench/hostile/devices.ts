import type { ServerChannel } from 'ssh2';
import type { NullPage } from '../relay/null-page.ts';
import type { Attacker, HostileCase, Outcome } from './case.ts';
import { type RelayConnection, outgoingOf, startHostileDevice } from './hostile-device.ts';
import { channelData, globalRequest } from './packets.ts';
import { persist } from './page-flood.ts';

/** What a device can do that somebody has logged in to. */

/**
 * Opens a channel on a device that then sends what `misbehave` says; when that is over, the next.
 * @param misbehave resolves when the relay has closed the connection, or the time is over
 */
async function onDevice(
  attacker: Attacker,
  misbehave: (connection: RelayConnection, channel: ServerChannel) => Promise<void>,
): Promise<Outcome> {
  const person = await attacker.signIn();
  let latest: { connection: RelayConnection; channel: ServerChannel } | undefined;
  const device = await startHostileDevice(attacker, (connection, channel) => (latest = { connection, channel }));
  const target = await person.addDevice(device.address, device.fingerprint);
  return persist(
    attacker,
    () => person.openTerminal(target, null),
    async () => {
      if (!latest) throw new Error('the relay opened no channel on the device');
      await misbehave(latest.connection, latest.channel);
    },
  );
}

const floodUnread = (payload: Buffer) => async (attacker: Attacker) =>
  onDevice(attacker, async (connection) => {
    connection.socket.pause();
    await connection.flood(attacker, payload);
  });

/** Packets of one byte to terminals whose pages hang: all that the relay lets the device send. */
async function singleBytes(attacker: Attacker, terminals: number): Promise<Outcome> {
  const person = await attacker.signIn();
  const channels: { connection: RelayConnection; channel: ServerChannel }[] = [];
  const device = await startHostileDevice(attacker, (connection, channel) => channels.push({ connection, channel }));
  const target = await person.addDevice(device.address, device.fingerprint);
  const pages: NullPage[] = [];
  channels.length = 0;
  while (pages.length < terminals) pages.push(await person.openTerminal(target, null));
  for (const page of pages) page.stall();
  await attacker.ready();
  await Promise.all(
    channels.map(({ connection, channel }) => {
      const { id, window } = outgoingOf(channel);
      return connection.flood(attacker, channelData(id, Buffer.of(120)), window);
    }),
  );
  const closed = channels.filter(({ connection, channel }) => connection.isClosed || channel.destroyed).length;
  return { text: closed === 0 ? 'served' : `${closed} of ${terminals} closed`, ended: closed > 0 };
}

export const DEVICES: readonly HostileCase[] = [
  {
    id: 'bytes_1_terminal',
    title: 'a device: its window in packets of 1 byte, a stalled terminal',
    seconds: 6,
    attack: (attacker) => singleBytes(attacker, 1),
  },
  {
    id: 'bytes_16_terminals',
    title: 'the same to sixteen stalled terminals',
    seconds: 8,
    quickSeconds: 2,
    attack: (attacker) => singleBytes(attacker, 16),
  },
  {
    id: 'global_requests',
    title: 'a device: requests that want replies, reads none',
    seconds: 8,
    quickSeconds: 1.5,
    mustEnd: true,
    attack: floodUnread(globalRequest('nonsense@example', true)),
  },
];
