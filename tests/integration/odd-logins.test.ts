import type { Connection } from 'ssh2';
import { afterEach, expect, it } from 'vitest';
import { sshString } from '../../relay/ssh/wire.ts';
import type { Prompter, Transport, TransportTarget } from '../../relay/transport.ts';
import { trust } from './large-packets.ts';
import { MESSAGE, request, sendRaw } from './raw-ssh.ts';
import { type SshServer, type SshServerOptions, startSshServer } from './ssh-server.ts';
import { finish, problemOf, start, useTransports } from './transport-rig.ts';

/** Servers whose login never ends, or keeps to no order. */

const rig = useTransports();
let server: SshServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function startServer(
  authenticate: SshServerOptions['authenticate'],
  more: SshServerOptions = {},
): Promise<{ server: SshServer; transport: Transport; target: TransportTarget }> {
  server = await startSshServer(
    (channel) => {
      channel.exit(0);
      channel.end();
    },
    { ...more, ...(authenticate && { authenticate }) },
  );
  const transport = rig.make();
  const target = { id: 'dut', address: server.address };
  await trust(transport, target);
  return { server, transport, target };
}

/** Answers every question, for ever. */
function patient() {
  const asked: Parameters<Prompter>[0][] = [];
  const prompter: Prompter = (question) => {
    asked.push(question);
    return Promise.resolve(question.questions.map(() => 'again'));
  };
  return { prompter, asked };
}

it.each([
  ['one question after another', [{ prompt: 'Again: ', echo: true }], 32],
  ['without a question, which ssh2 answers by itself', [], 0],
])('a server that asks for ever, %s, is told no more', async (_, questions, asks) => {
  let rounds = 0;
  const { transport, target } = await startServer((context) => {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
    const ask = (): void => {
      rounds++;
      context.prompt(questions, ask);
    };
    ask();
  });
  const { prompter, asked } = patient();
  const problem = await problemOf(transport, target, prompter);
  expect(problem).toMatchObject({
    code: 'authentication-failed',
    message: expect.stringMatching(/asked more than 32 times/) as string,
  });
  expect(asked).toHaveLength(asks);
  // Those that were answered, and the one too many.
  expect(rounds).toBe(33);
});

it('a server that sends banners without end is not listened to', async () => {
  const connections: Connection[] = [];
  const { transport, target } = await startServer(
    () => {
      const banner = sshString(Buffer.alloc(60_000, 'b'));
      for (let count = 0; count < 100; count++) {
        const connection = connections.at(-1);
        if (connection) sendRaw(connection, MESSAGE.banner, banner, sshString(''));
      }
    },
    { onConnection: (connection) => connections.push(connection) },
  );
  expect(await problemOf(transport, target)).toMatchObject({
    code: 'authentication-failed',
    message: expect.stringContaining('bytes before the login was over') as string,
  });
});

it('refusals of nothing, and more beginnings, start no step beside the question that is open', async () => {
  const connections: Connection[] = [];
  let tellRead: () => void = () => undefined;
  const read = new Promise<void>((resolve) => (tellRead = resolve));
  const { server, transport, target } = await startServer(
    (context) => {
      if (context.method === 'password') return context.accept();
      context.reject(['password']);
      const connection = connections.at(-1);
      if (!connection) return;
      for (let count = 0; count < 20; count++) {
        sendRaw(connection, MESSAGE.loginFailure, sshString('password'), 0);
        sendRaw(connection, MESSAGE.serviceAccept, sshString('ssh-userauth'));
      }
      sendRaw(connection, MESSAGE.globalRequest, request('are-you-there', true));
    },
    {
      onConnection: (connection) => connections.push(connection),
      onDebug: (line) => line.includes('Received REQUEST_FAILURE') && tellRead(),
    },
  );
  const before = server.logins.length;
  let asked = 0;
  const prompter: Prompter = async (question) => {
    asked++;
    await read;
    return question.questions.map(() => 'right');
  };
  expect(await finish(await start(transport, target, 'true', prompter))).toMatchObject({ code: 0 });
  expect(asked).toBe(1);
  expect(server.logins.slice(before).map((login) => login.replace(/_REQUEST.*\(/, ' '))).toEqual([
    'SERVICE ssh-userauth)',
    'USERAUTH none)',
    'USERAUTH password)',
  ]);
});

it('a server that lets everybody in and hangs up is asked once', async () => {
  const connections: Connection[] = [];
  const { server, transport, target } = await startServer(
    (context) => {
      context.accept();
      connections.at(-1)?.end();
    },
    { onConnection: (connection) => connections.push(connection) },
  );
  const before = server.logins.length;
  expect(await problemOf(transport, target)).toMatchObject({ code: 'connection-lost' });
  expect(server.logins.slice(before)).toHaveLength(2);
});

it('a server that wants a new password is said to, at once', async () => {
  const { transport, target } = await startServer((context) => {
    if (context.method === 'password') context.requestChange('Your password is too old.', () => context.reject());
    else context.reject(['password']);
  });
  expect(await problemOf(transport, target, patient().prompter)).toMatchObject({
    code: 'authentication-failed',
    message: expect.stringContaining('wants a new password') as string,
  });
});
