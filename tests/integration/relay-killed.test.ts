import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type RelayProcess, buildRelay, openPageSocket, startRelayProcess } from './relay-process.ts';
import { type Sshd, startSshd } from './sshd.ts';

/** What ran on a device when the relay was killed is ended by the next one on the same state, and nothing else is. */

const run = promisify(execFile);
const relays: RelayProcess[] = [];
let sshd: Sshd;

beforeAll(() => buildRelay(), 300_000);

beforeEach(async () => {
  sshd = await startSshd();
});

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.close()));
  await sshd.stop();
  // What a relay did not end has lost its parents by now.
  for (const word of words.splice(0)) for (const pid of await commandsWith(word)) process.kill(pid, 'SIGKILL');
});

/** A relay with the device, in a state directory of its own or that of another. */
async function startRelay(state?: string) {
  const relay = await startRelayProcess('--device', sshd.address, ...(state === undefined ? [] : ['--state', state]));
  relays.push(relay);
  await writeFile(join(relay.home, '.ssh', 'config'), `Host *\n  IdentityFile ${sshd.keyFile}\n`, { mode: 0o600 });
  await writeFile(join(relay.home, '.ssh', 'known_hosts'), sshd.knownHostsLine);
  const page = await relay.signIn();
  const listed = await fetch(`${relay.origin}/targets`, { headers: page });
  const { targets } = (await listed.json()) as { targets: { id: string; address: string }[] };
  const target = targets.find(({ address }) => address === sshd.address)?.id;
  /** Starts a command without a terminal; resolves when it has said something. */
  const exec = async (command: string) => {
    const socket = openPageSocket(relay, page);
    await once(socket.socket, 'open');
    socket.send({ type: 'open', target, command, pty: null });
    await socket.message({ type: 'ready' });
    await expect.poll(socket.output, { timeout: 20_000 }).not.toBe('');
    return socket;
  };
  return { relay, page, exec };
}

const words: string[] = [];

/** A number of seconds that no other process of this machine waits for. */
function newWord(): string {
  const word = `8${randomInt(1e9, 1e10)}`;
  words.push(word);
  return word;
}

/** Process ids of the commands that have the word in their line. */
async function commandsWith(word: string): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,stat=,args=']);
  const lines = stdout.split('\n').filter((line) => line.includes(word) && !/^ *\d+ Z/.test(line));
  return lines.map((line) => Number.parseInt(line, 10));
}

async function journalsIn(state: string): Promise<string[]> {
  return (await readdir(state)).filter((name) => name.startsWith('remains-'));
}

it('what ran without a terminal ends with the next connection to its device', async () => {
  const killed = await startRelay();
  const { state } = killed.relay;
  const [running, ended, outlived] = [newWord(), newWord(), newWord()];
  await killed.exec(`echo up; sleep ${running}`);
  await killed.exec(`echo up; env -i setsid -w sleep ${ended}; : ${ended}`);
  // Its command has ended by itself, so what that has started may go on.
  const over = await killed.exec(`nohup sleep ${outlived} >/dev/null 2>&1 </dev/null & echo up`);
  await over.message({ type: 'exit' });
  killed.relay.child.kill('SIGKILL');
  await killed.relay.exited;
  for (const word of [running, ended, outlived]) expect(await commandsWith(word)).not.toEqual([]);

  const next = await startRelay(state);
  // Not before somebody connects to that device: until then it is on file.
  expect(await commandsWith(running)).not.toEqual([]);
  const [journal] = await journalsIn(state);
  expect((await readFile(join(state, journal ?? ''), 'utf8')).match(/^\+ /gm)).toHaveLength(2);
  await next.exec('echo next');
  await expect.poll(() => commandsWith(running), { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => commandsWith(ended), { timeout: 20_000 }).toEqual([]);
  expect(await commandsWith(outlived)).not.toEqual([]);

  // A relay that stops by itself leaves nothing to tell.
  next.relay.child.kill('SIGTERM');
  expect(await next.relay.exited).toBe(0);
  expect(await journalsIn(state)).toEqual([]);
});

it('what another relay on the same state runs goes on, and is ended when that one is killed, too', async () => {
  const living = await startRelay();
  const { state } = living.relay;
  const [first, second] = [newWord(), newWord()];
  await living.exec(`echo up; sleep ${first}`);

  const beside = await startRelay(state);
  await beside.exec(`echo up; sleep ${second}`);
  beside.relay.child.kill('SIGKILL');
  await beside.relay.exited;
  const third = await startRelay(state);
  await third.exec('echo next');
  await expect.poll(() => commandsWith(second), { timeout: 20_000 }).toEqual([]);
  expect(await commandsWith(first)).not.toEqual([]);

  living.relay.child.kill('SIGKILL');
  await living.relay.exited;
  const fourth = await startRelay(state);
  await fourth.exec('echo next');
  await expect.poll(() => commandsWith(first), { timeout: 20_000 }).toEqual([]);
});

it('what a relay could not reach stays on file, from one relay to the next', async () => {
  const killed = await startRelay();
  const { state } = killed.relay;
  const word = newWord();
  await killed.exec(`echo up; sleep ${word}`);
  killed.relay.child.kill('SIGKILL');
  await killed.relay.exited;
  // Killed in turn, before anybody connects.
  const idle = await startRelay(state);
  idle.relay.child.kill('SIGKILL');
  await idle.relay.exited;
  const next = await startRelay(state);
  expect(await journalsIn(state)).toHaveLength(1);
  await next.exec('echo next');
  await expect.poll(() => commandsWith(word), { timeout: 20_000 }).toEqual([]);
});

it('a disk that takes nothing stops no command, and once it takes something all of them are on file', async () => {
  const killed = await startRelay();
  const { state, child, origin } = killed.relay;
  const [first, second, third] = [newWord(), newWord(), newWord()] as const;
  const files = (limit: string) => run('prlimit', ['--pid', String(child.pid), `--fsize=${limit}`]);
  await killed.exec(`echo up; sleep ${first}`);
  // The kernel refuses this process every byte of a file from now on, as a full disk would.
  await files('0:unlimited');
  const refused = await fetch(`${origin}/targets`, {
    method: 'POST',
    headers: killed.page,
    body: '{"address":"root@192.0.2.7"}',
  });
  expect(refused.status).toBe(507);
  expect(await refused.json()).toMatchObject({
    problem: expect.stringMatching(/^Nothing was changed\. .*EFBIG/) as string,
  });
  expect((await readdir(state)).filter((name) => name.endsWith('.new'))).toEqual([]);
  await killed.exec(`echo up; sleep ${second}`);
  await files('unlimited:unlimited');
  await killed.exec(`echo up; sleep ${third}`);
  expect(killed.relay.printed().stderr.match(/may go on there/g)).toHaveLength(1);
  child.kill('SIGKILL');
  await killed.relay.exited;
  const next = await startRelay(state);
  await next.exec('echo next');
  for (const word of [first, second, third])
    await expect.poll(() => commandsWith(word), { timeout: 20_000 }).toEqual([]);
});
