import { readFile } from 'node:fs/promises';
import { startSshd } from '../../integration/sshd.ts';
import { BINARY, type NullSocket, TEXT } from '../relay/null-socket.ts';
import type { Attacker, HostileCase, Outcome } from './case.ts';
import { READS_NOTHING, floodOnChannel, manyOf, pour } from './page-flood.ts';
import type { Person } from './person.ts';
import { Tally } from './tally.ts';

/** What a signed-in page can do. */

/** Somebody who is signed in, and has a device. */
async function signInWithDevice(attacker: Attacker): Promise<{ person: Person; target: string }> {
  const person = await attacker.signIn();
  return { person, target: await person.addDevice(attacker.device.address) };
}

/** Terminals of one connection to a device (CHANNELS_PER_CONNECTION of the relay). */
const TERMINALS = 8;

const messagesOf = (socket: NullSocket, messages: readonly object[]): Buffer =>
  manyOf(...messages.map((message) => socket.frame(TEXT, Buffer.from(JSON.stringify(message)))));

/** Messages for a device that hangs, so that what they ask of it piles up; on one terminal after the other. */
async function floodFrozenDevice(attacker: Attacker, messages: readonly object[]): Promise<Outcome> {
  const publicKey = await readFile(`${attacker.device.keyFile}.pub`, 'utf8');
  const sshd = await startSshd({ authorizedKeys: [publicKey.trim()] });
  attacker.atEnd(() => sshd.stop());
  const person = await attacker.signIn();
  const target = await person.addDevice(sshd.address, sshd.hostKeyFingerprint);
  const open = () => person.openTerminal(target, READS_NOTHING);
  const pages = await Promise.all(Array.from({ length: TERMINALS }, open));
  await attacker.ready();
  attacker.atEnd(await sshd.freezeConnections());
  const tally = new Tally();
  for (const { socket, closed } of pages) {
    await pour(attacker, socket, messagesOf(socket, messages));
    if (socket.isClosed) tally.add((await closed) ?? 'closed');
  }
  return tally.outcome();
}

export const PAGES: readonly HostileCase[] = [
  {
    id: 'empty_frames',
    title: 'empty frames to a command that reads nothing',
    seconds: 6,
    quickSeconds: 1.5,
    mustEnd: true,
    attack: async (attacker) => {
      const { person, target } = await signInWithDevice(attacker);
      return floodOnChannel(attacker, person, target, (socket) => manyOf(socket.frame(BINARY, Buffer.alloc(0))));
    },
  },
  {
    id: 'resizes_frozen',
    title: 'resize messages while the device hangs',
    seconds: 6,
    quickSeconds: 1.5,
    mustEnd: true,
    attack: (attacker) =>
      floodFrozenDevice(attacker, [
        { type: 'resize', columns: 80, rows: 24 },
        { type: 'resize', columns: 120, rows: 40 },
      ]),
  },
  {
    id: 'signals_frozen',
    title: 'signal messages while the device hangs',
    seconds: 6,
    mustEnd: true,
    attack: (attacker) => floodFrozenDevice(attacker, [{ type: 'signal', signal: 'USR1' }]),
  },
];
