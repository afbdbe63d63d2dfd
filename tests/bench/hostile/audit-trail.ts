import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attacker, HostileCase, Outcome } from './case.ts';
import { startHostileDevice } from './hostile-device.ts';
import { exitSignal } from './packets.ts';
import { persist } from './persistence.ts';
import { askOften, requestOf } from './raw-requests.ts';
import type { Person } from './person.ts';

/** What somebody can do to what is remembered: who has signed in, and what they did. */

/** People who sign in before the relay forgets one (SESSIONS_MAX of the relay). */
const SIGN_INS = 32;

/** People sign in one after the other, while one uses their page all the time. */
async function manySignIns(attacker: Attacker): Promise<Outcome> {
  const person = await attacker.signIn();
  await attacker.ready();
  let signedIn = 0;
  for (; signedIn < SIGN_INS; signedIn++) {
    await attacker.signIn();
    const { ok } = await person.fetch('/targets');
    if (!ok) return { text: `signed out by ${signedIn + 1} others`, ended: false, problem: SIGNED_OUT };
  }
  return { text: `still signed in after ${signedIn} others`, ended: false };
}

const SIGNED_OUT = 'who uses their page is signed out because others sign in';

/** What the audit log still has of this. */
async function remembered(attacker: Attacker): Promise<Map<string, number>> {
  const { state } = attacker.relay;
  const files = (await readdir(state, { recursive: true })).filter((path) => /(^|\/)audit/.test(path));
  const texts = await Promise.all(files.map((path) => readFile(join(state, path), 'utf8').catch(() => '')));
  const events = new Map<string, number>();
  for (const [, event = ''] of texts.join('\n').matchAll(/"event":"([a-z-]+)"/g))
    events.set(event, (events.get(event) ?? 0) + 1);
  return events;
}

/** Compares what the audit log has of both people with what it had before. */
async function withAudit(attacker: Attacker, text: () => string, attack: () => Promise<void>): Promise<Outcome> {
  const before = await remembered(attacker);
  await attacker.ready();
  await attack();
  const after = await remembered(attacker);
  const gone = ['start', 'sign-in', 'open'].filter((event) => (after.get(event) ?? 0) < (before.get(event) ?? 0));
  const lines = [...after.values()].reduce((sum, count) => sum + count, 0);
  return {
    text: `${text()}, ${lines} lines of audit`,
    ended: false,
    ...(gone.length > 0 && { problem: `the audit log has lost lines of ${gone.join(' and ')}` }),
  };
}

/** A setting is changed and changed back. */
async function manySettings(attacker: Attacker): Promise<Outcome> {
  const person = await attacker.signIn();
  const target = await person.addDevice(attacker.device.address);
  // One command, so that there is something to forget.
  (await person.open(target, 'true')).close();
  let text = '';
  let ended = false;
  const outcome = await withAudit(
    attacker,
    () => text,
    async () => {
      // No longer than anybody: what counts is whether all of it was done.
      attacker.wasEnded();
      const statuses = await askOften(attacker, 4, changesOf(attacker, person, target));
      text = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
      ended = [...statuses.keys()].some((status) => status !== '200');
    },
  );
  return { ...outcome, ended };
}

function changesOf(attacker: Attacker, person: Person, target: string): string[] {
  const { cookie = '', 'workbench-key': key = '' } = person.endpoint.headers;
  return [true, false].map((allowed) =>
    requestOf(
      attacker,
      `PUT /targets/${target}/old-algorithms`,
      { cookie, 'workbench-key': key },
      JSON.stringify({ allowed }),
    ),
  );
}

/** As much as a packet of SSH holds, less what belongs to it. */
const LONG_NAME = 'X'.repeat(30_000);

/** Commands that end of a signal with a very long name. */
async function longSignals(attacker: Attacker): Promise<Outcome> {
  const person = await attacker.signIn();
  const device = await startHostileDevice(attacker, (connection, channel, id) => {
    connection.send(exitSignal(id, LONG_NAME));
    channel.close();
  });
  const target = await person.addDevice(device.address, device.fingerprint);
  const readied = { ...attacker, ready: () => Promise.resolve() };
  let text = '';
  return withAudit(
    attacker,
    () => text,
    async () => {
      ({ text } = await persist(
        readied,
        8,
        () => person.openTerminal(target, null),
        async ({ closed }) => void (await closed),
      ));
    },
  );
}

export const AUDIT_TRAIL: readonly HostileCase[] = [
  {
    id: 'many_sign_ins',
    title: `page: ${SIGN_INS} others sign in, while one uses theirs`,
    seconds: 5,
    quickSeconds: 3,
    attack: manySignIns,
  },
  {
    id: 'many_settings',
    title: 'page: a setting, changed and changed back',
    seconds: 6,
    mustEnd: true,
    attack: manySettings,
  },
  {
    id: 'long_signals',
    title: 'device: exit signals with a name of 30 kB',
    seconds: 10,
    attack: longSignals,
  },
];
