import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNTS } from './sshd.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** Commands without a terminal end with their channel on the device too, as its process table says. */

const run = promisify(execFile);

/** Command lines of the running processes that have `word` in them, this question aside. */
async function commandsWith(word: string): Promise<string[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'stat=,args=']);
  return stdout.split('\n').filter((line) => line.includes(word) && !line.startsWith('Z'));
}

/** Resolves when no process has `word` in its command line any more. */
async function noneWith(word: string): Promise<void> {
  await expect.poll(() => commandsWith(word), { timeout: 20_000 }).toEqual([]);
}

/** A number of seconds that no other process of this machine waits for. */
const newWord = (): string => `8${randomInt(1e9, 1e10)}`;

/** What would live on: none of them reads or writes. Every process of theirs has WORD in its command line. */
const LASTING = {
  'an idle tail': 'echo up; tail -f -s WORD /dev/null',
  'a sleep': 'echo up; sleep WORD',
  'a loop of the login shell': 'echo up; while :; do sleep 0.05; done; : WORD',
  'a loop that starts nothing': 'echo up; while :; do :; done; : WORD',
  'a loop in a subshell': '(while :; do sleep 0.05; done) & echo up; : WORD',
  'a shell loop': 'echo up; exec sh -c "while :; do sleep 0.05; done; : WORD"',
  'a job in the background': 'sleep WORD & echo up; wait; : WORD',
  'what was left behind by its shell': 'sleep WORD & echo up',
  'what ignores hang-ups': 'trap "" HUP; echo up; sleep WORD; : WORD',
  'what does not want to end': 'exec sh -c "trap : HUP TERM INT; echo up; while :; do sleep 0.05; done; : WORD"',
  'what has a session of its own': 'setsid sleep WORD & echo up; wait; : WORD',
  'what got no environment': 'echo up; env -i sleep WORD; : WORD',
  'what got no environment, in place of the shell': 'echo up; exec env -i sleep WORD',
  'a shell without an environment, in place of the login shell, and its job':
    'echo up; exec env -i sh -c "sleep WORD & while :; do sleep 0.05; done; : WORD"',
};

/** Of an ordinary account sshd hangs these parents up, so that nothing leads to the child any more. */
const LASTING_OF_ROOT = {
  'what got neither environment nor session': 'env -i setsid -w sleep WORD & echo up; wait; : WORD',
  'what ignores hang-ups, without an environment': 'trap "" HUP; echo up; env -i sleep WORD; : WORD',
};

describe.each(ACCOUNTS)('as the %s account', (account) => {
  let host: SshdRig;

  beforeAll(async () => {
    host = await startSshdRig({ sshd: { account } });
  });

  afterAll(() => host?.close());

  const start = async (command: string, at: SshdRig = host) => {
    const word = newWord();
    const session = at.rig.open({
      target: at.target,
      command: command.replaceAll('WORD', word),
      pty: null,
    });
    await session.until('up\n');
    expect(await commandsWith(word)).not.toEqual([]);
    return { session, word };
  };

  const lasting = { ...LASTING, ...(account === 'own' && process.getuid?.() === 0 && LASTING_OF_ROOT) };
  it.each(Object.entries(lasting))('%s ends when the page closes it', async (_title, command) => {
    const { session, word } = await start(command);
    session.channel.close();
    await noneWith(word);
  });

  it('all of a page at once, and others live on', async () => {
    const kept = await Promise.all([
      start(LASTING['a sleep']),
      start(LASTING['what got no environment, in place of the shell']),
    ]);
    kept[1].session.channel.end();
    const closed = await Promise.all(
      Object.values(LASTING)
        .slice(0, 7)
        .map((command) => start(command)),
    );
    for (const { session } of closed) session.channel.close();
    for (const { word } of closed) await noneWith(word);
    for (const { session, word } of kept) {
      expect(await commandsWith(word)).not.toEqual([]);
      session.channel.close();
      await noneWith(word);
    }
  });

  it('when nobody comes back within the grace period', async () => {
    const strict = await startSshdRig({ sshd: { account }, graceMs: 50 });
    try {
      const { session, word } = await start(LASTING['a shell loop'], strict);
      session.leave();
      await noneWith(word);
    } finally {
      await strict.close();
    }
  });

  it('when the relay is stopped, before it says that it has', async () => {
    const stopped = await startSshdRig({ sshd: { account } });
    try {
      const one = await start(LASTING['a sleep'], stopped);
      const other = await start(LASTING['a loop of the login shell'], stopped);
      await stopped.rig.close();
      expect([...(await commandsWith(one.word)), ...(await commandsWith(other.word))]).toEqual([]);
    } finally {
      await stopped.close();
    }
  });

  it('when the connection to the device broke: with the next one', async () => {
    const { session, word } = await start(LASTING['what has a session of its own']);
    await host.sshd.breakConnections();
    expect(await session.ended).toMatchObject({ problem: { code: 'connection-lost' } });
    expect(await commandsWith(word)).not.toEqual([]);
    expect(await host.rig.run(host.target, 'echo back')).toMatchObject({ stdout: 'back\n' });
    await noneWith(word);
  });

  it('what a command that ended by itself has started goes on, as its author meant', async () => {
    const word = newWord();
    const command = `nohup sleep ${word} >/dev/null 2>&1 </dev/null & echo done`;
    const result = await host.rig.run(host.target, command);
    expect(result).toMatchObject({ stdout: 'done\n', exit: { code: 0 } });
    // Another channel's end ends only its own.
    const { session, word: other } = await start(LASTING['a sleep']);
    session.channel.close();
    await noneWith(other);
    expect(await commandsWith(word)).not.toEqual([]);
    await host.rig.run(host.target, `pkill -f ${word}`);
    await noneWith(word);
  });

  it('a terminal hangs up by itself, and its shell is started as it always was', async () => {
    const word = newWord();
    const shell = host.rig.open({
      target: host.target,
      command: null,
      pty: { term: 'xterm', columns: 80, rows: 24 },
    });
    shell.write('env | grep -c CROSTINI_WORKBENCH_CHANNEL; echo "marks: $?"\n');
    await shell.until('marks: 1');
    shell.write(`sh -c 'echo u"p"; sleep ${word}'\n`);
    await shell.until('up\r\n');
    shell.channel.close();
    await noneWith(word);
  });
});

it('a server with few places for sessions takes what comes next, and gets it done too', async () => {
  const host = await startSshdRig({ sshd: { config: ['MaxSessions 2'] } });
  try {
    const word = newWord();
    const session = host.rig.open({
      target: host.target,
      command: `echo up; sleep ${word}`,
      pty: null,
    });
    await session.until('up\n');
    session.channel.close();
    expect(await host.rig.run(host.target, 'echo next')).toMatchObject({ stdout: 'next\n' });
    await noneWith(word);
  } finally {
    await host.close();
  }
});
