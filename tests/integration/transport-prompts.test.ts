import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyboardAuthContext } from 'ssh2';
import { afterEach, expect, it } from 'vitest';
import { type Prompt, parseFromRelay } from '#lib/protocol/messages.ts';
import { makeKey } from './openssh.ts';
import { type RelayRig, startRelayRig } from './relay-rig.ts';
import { type SshServer, startSshServer } from './ssh-server.ts';

/** Questions of a login, from a server to the page that asked for it and back. */

let rig: RelayRig | undefined;
let server: SshServer | undefined;
afterEach(async () => {
  await rig?.close();
  await server?.close();
});

type Question = { readonly prompt: string; readonly echo: boolean };
/** What the server asks, one round after the other, and what it takes. */
type Round = { readonly questions: readonly Question[]; readonly answers: readonly string[] };

/** A server that takes these answers and nothing else; the relay has it as a target that it trusts. */
async function startAsking(
  rounds: readonly Round[],
  { keyFirst = false } = {},
): Promise<{ rig: RelayRig; server: SshServer; target: string }> {
  const ask = (context: KeyboardAuthContext, [round, ...rest]: readonly Round[]): void => {
    if (!round) return context.accept();
    context.prompt([...round.questions], 'Two factors', 'Look at your token.', (answers) => {
      if (JSON.stringify(answers) === JSON.stringify(round.answers)) ask(context, rest);
      else context.reject(['keyboard-interactive']);
    });
  };
  let hasKey = false;
  server = await startSshServer(
    (channel) => {
      channel.write('in\n');
      channel.exit(0);
      channel.end();
    },
    {
      authenticate: (context) => {
        hasKey ||= context.method === 'publickey' && context.signature !== undefined;
        if (context.method === 'publickey' && !context.signature) context.accept();
        else if (keyFirst && context.method === 'publickey') context.reject(['keyboard-interactive'], true);
        else if (context.method === 'keyboard-interactive' && (hasKey || !keyFirst)) ask(context, rounds);
        else context.reject([keyFirst ? 'publickey' : 'keyboard-interactive']);
      },
    },
  );
  rig = await startRelayRig();
  const target = await rig.addTarget(server.address);
  const refused = await rig.run(target, 'true');
  const offered = 'problem' in refused ? refused.problem.hostKey?.offered.fingerprint : undefined;
  expect((await rig.trust(target, offered ?? '')).status).toBe(200);
  return { rig, server, target };
}

const TWO: readonly Round[] = [
  {
    questions: [
      { prompt: 'Password: ', echo: false },
      { prompt: 'Token: ', echo: true },
    ],
    answers: ['test0000', '123456'],
  },
  { questions: [{ prompt: 'Again: ', echo: true }], answers: ['yes'] },
];

it('several questions at once, round after round, reach the page that asked, and no other', async () => {
  const { rig, target } = await startAsking(TWO);
  const practice = await startSshServer(() => undefined);
  const elsewhere: Prompt[] = [];
  try {
    const other = await rig.addTarget(practice.address);
    rig.open({ target: other, command: 'cat', pty: null }, { onPrompt: (prompt) => elsewhere.push(prompt) });
    const asked: Prompt[] = [];
    const result = await rig.run(target, 'true', {
      answer: (prompt) => {
        asked.push(prompt);
        return [...(TWO[asked.length - 1]?.answers ?? [])];
      },
    });
    expect(result).toMatchObject({ stdout: 'in\n' });
    expect(asked).toMatchObject([
      {
        instructions: 'Two factors\nLook at your token.',
        questions: [
          { text: 'Password: ', echo: false },
          { text: 'Token: ', echo: true },
        ],
      },
      { questions: [{ text: 'Again: ', echo: true }] },
    ]);
    expect(asked[0]?.title).toContain('127.0.0.1');
    expect(elsewhere).toEqual([]);
  } finally {
    await practice.close();
  }
});

it('a question after a key, as the second factor', async () => {
  const { rig, server, target } = await startAsking(
    [{ questions: [{ prompt: 'Token: ', echo: true }], answers: ['7'] }],
    {
      keyFirst: true,
    },
  );
  await mkdir(join(rig.home, '.ssh'), { recursive: true });
  await makeKey(join(rig.home, '.ssh', 'id_ed25519'));
  const asked: Prompt[] = [];
  const result = await rig.run(target, 'true', { answer: (prompt) => (asked.push(prompt), ['7']) });
  expect(result).toMatchObject({ stdout: 'in\n' });
  expect(asked).toHaveLength(1);
  expect(server.logins.join()).toMatch(/publickey.*keyboard-interactive/);
});

it('wrong answers are asked for again, three times', async () => {
  const { rig, target } = await startAsking(TWO);
  let asked = 0;
  const result = await rig.run(target, 'true', { answer: () => (asked++, ['wrong', 'wrong']) });
  expect(result).toMatchObject({ problem: { code: 'authentication-failed' } });
  expect(asked).toBe(3);
});

it('fails with a code where the page cannot answer, or answers in another number', async () => {
  const { rig, target } = await startAsking(TWO);
  for (const answer of [() => null, () => ['only one']])
    expect(await rig.run(target, 'true', { answer })).toMatchObject({ problem: { code: 'prompt-cancelled' } });
});

it('who cancels ends the login for themselves, once, and not for another person who waits for it', async () => {
  const { rig, target } = await startAsking([
    { questions: [{ prompt: 'Password: ', echo: false }], answers: ['test0000'] },
  ]);
  const asked: ((answers: null) => void)[] = [];
  const request = { target, command: 'true', pty: null };
  const mine = [1, 2].map(() => rig.open(request, { onPrompt: (_prompt, answer) => asked.push(answer) }));
  await expect.poll(() => asked.length).toBe(1);
  const other = rig.rawSocket(await rig.signInAgain());
  await once(other, 'open');
  const theirs = new Promise<string>((resolve) => {
    other.on('message', (data: Buffer, isBinary) => {
      const message = isBinary ? undefined : parseFromRelay(data.toString());
      if (message?.type === 'prompt')
        other.send(JSON.stringify({ type: 'answer', prompt: message.prompt, answers: ['test0000'] }));
      if (message?.type === 'ready' || message?.type === 'close') resolve(message.type);
    });
  });
  other.send(JSON.stringify({ type: 'open', ...request }));
  // Of all three, so that the third has asked for the connection when the first two give up.
  await expect.poll(async () => (await rig.fetch('/metrics')).text()).toMatch(/_channels 3$/m);
  asked[0]?.(null);
  for (const session of mine) expect(await session.ended).toMatchObject({ problem: { code: 'prompt-cancelled' } });
  expect(await theirs).toBe('ready');
  expect(asked).toHaveLength(1);
});

it('asks nobody more questions than a page can show', async () => {
  const many = Array.from({ length: 17 }, () => ({ prompt: 'Which? ', echo: true }));
  const { rig, target } = await startAsking([{ questions: many, answers: ['never'] }]);
  let asked = 0;
  const result = await rig.run(target, 'true', { answer: () => (asked++, []) });
  expect(result).toMatchObject({ problem: { code: 'prompt-cancelled' } });
  expect(asked).toBe(0);
});

it('a page that goes away in the middle of a question takes the login with it', async () => {
  const { rig, server, target } = await startAsking(TWO);
  await new Promise<void>((resolve) => {
    const page = rig.open(
      { target, command: 'true', pty: null },
      {
        onPrompt: () => {
          page.leave();
          resolve();
        },
      },
    );
  });
  await expect.poll(() => server.count(), { timeout: 10_000 }).toBe(0);
});
