import * as v from 'valibot';
import { targetsSchema } from '../../../src/lib/protocol/http.ts';
import type { Attacker, HostileCase, Outcome } from './case.ts';
import { persist } from './persistence.ts';
import { openRaw } from './raw-requests.ts';

/** What can be done to the practice devices, which are a part of the relay. */

/** The practice devices, as a page sees them. */
async function practiceDevices(attacker: Attacker) {
  const person = await attacker.signIn();
  const answer = v.parse(targetsSchema, await (await person.fetch('/targets')).json());
  const targets = answer.targets.filter(({ simulated }) => simulated);
  const [first] = targets;
  if (!first) throw new Error('the relay has no practice device');
  return { person, first, targets };
}

/** A command that is far too much, in two shells of one practice device. */
const tooMuch =
  (command: string): HostileCase['attack'] =>
  async (attacker) => {
    const { person, first } = await practiceDevices(attacker);
    // The simulation is loaded with the first command; that is no attack.
    await (
      await person.open(first.id, 'true')
    ).closed;
    return persist(
      attacker,
      2,
      () => person.open(first.id, command),
      ({ closed }) => Promise.race([closed.then(() => undefined), attacker.timeUp]),
    );
  };

/** Connections that say nothing to a device's port, which every program of this machine can reach. */
async function silentConnections(attacker: Attacker, count: number): Promise<Outcome> {
  const { first } = await practiceDevices(attacker);
  const port = Number(/:(\d+)$/.exec(first.address)?.[1]);
  await attacker.ready();
  const sockets = Array.from({ length: count }, () => {
    const { socket, closed } = openRaw(port);
    void closed.then(() => attacker.wasEnded());
    // A socket that is not read does not learn of its end.
    return socket.resume();
  });
  await attacker.timeUp;
  const open = sockets.filter((socket) => !socket.destroyed && !socket.connecting).length;
  for (const socket of sockets) socket.destroy();
  return { text: `${open} of ${count} are open`, ended: open < count };
}

export const PRACTICE: readonly HostileCase[] = [
  {
    id: 'practice_sed',
    title: 'practice shell: a sed that doubles its line for ever',
    seconds: 6,
    quickSeconds: 1.5,
    attack: tooMuch("echo aaaaaaaaaaaaaaaa | sed ':a;s/.*/&&/;ta'"),
  },
  {
    id: 'practice_base64',
    title: 'practice shell: 32 MB through a chain of base64',
    seconds: 5,
    attack: tooMuch('head -c 32000000 /dev/zero | base64 | base64 -d | base64 | base64 -d | base64 | wc -c'),
  },
  {
    id: 'practice_arrays',
    title: 'practice shell: arrays of 32 MB',
    seconds: 5,
    attack: tooMuch(
      'x=0123456789abcdef; for i in $(seq 21); do x=$x$x; done; a=(); for i in $(seq 500); do a+=("$x$i"); done; echo ${#a[@]}',
    ),
  },
  {
    id: 'practice_files',
    title: 'practice shell: files of 32 MB',
    seconds: 5,
    attack: tooMuch(
      'x=0123456789abcdef; for i in $(seq 21); do x=$x$x; done; for i in $(seq 500); do echo "$x" >/tmp/f$i; done',
    ),
  },
  {
    id: 'practice_silent',
    title: 'practice port: 5,000 connections that say nothing',
    seconds: 3,
    mustEnd: true,
    attack: (attacker) => silentConnections(attacker, 5_000),
  },
];
