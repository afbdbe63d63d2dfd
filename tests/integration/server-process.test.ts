import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { type Server, type Socket, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { listenLocally } from './listen.ts';
import { UPGRADE, openRaw, textOf } from './raw-http.ts';
import { ROOT } from '../../relay/prepare.mjs';
import { type RelayProcess, buildRelay, openPageSocket, runRelay, startRelayProcess } from './relay-process.ts';
import { type Sshd, startSshd } from './sshd.ts';
import { CERTIFICATE, KEY } from './tls-certificate.ts';

/** The relay as a process: what it refuses to start with, how it stops, and where its secrets are not. */

let folder: string;

beforeAll(async () => {
  await buildRelay();
  folder = await mkdtemp(join(tmpdir(), 'workbench-flags-'));
  await writeFile(join(folder, 'cert.pem'), CERTIFICATE, { mode: 0o600 });
  await writeFile(join(folder, 'key.pem'), KEY, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(folder, 'other.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('does not start', () => {
  const inFolder = (name: string): string => join(folder, name);

  it.each([
    ['off loopback without TLS or a proxy', () => ['--host', '0.0.0.0'], /--tls-cert and --tls-key, or --behind-proxy/],
    [
      'behind a proxy, where everybody reaches its port past that',
      () => ['--host', '0.0.0.0', '--behind-proxy', 'https://workbench.example'],
      /past its proxy.*--proxy-peers/,
    ],
    ['with a flag that it does not know', () => ['--lisen'], /--lisen/],
    ['with targets that are missing', () => ['--targets', inFolder('none.json')], /--targets: .*none\.json/],
    [
      'with targets that cannot be',
      () => ['--targets', inFolder('bad.json')],
      /bad\.json: entry 2, "address": .*host name/,
    ],
    ['with a certificate that is none', () => tls('key.pem', 'key.pem'), /--tls-cert .*key\.pem is no PEM certificate/],
    ['with a key that is none', () => tls('cert.pem', 'cert.pem'), /--tls-key .*cert\.pem is no PEM key/],
    ['with the key of another', () => tls('cert.pem', 'other.pem'), /other\.pem is not the key of .*cert\.pem/],
    ['with a key that is missing', () => tls('cert.pem', 'none.pem'), /--tls-key .*none\.pem .*ENOENT/],
  ])('%s: status 2, and a sentence', async (_title, flags, sentence) => {
    await writeFile(inFolder('bad.json'), '[{"address": "dut"}, {"address": "-x"}]');
    const state = inFolder('state');
    const { code, stdout, stderr } = await runRelay('--no-open', '--port', '0', '--state', state, ...flags());
    expect({ code, stdout, first: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stdout: '',
      first: expect.stringMatching(sentence) as string,
    });
    // Nothing of a key is in what it says, and nothing was begun.
    expect(stderr).not.toContain(KEY.split('\n')[1]);
    await expect(stat(state)).rejects.toThrow('ENOENT');
  });

  function tls(cert: string, key: string): string[] {
    return ['--tls-cert', join(folder, cert), '--tls-key', join(folder, key)];
  }
});

describe('stops', () => {
  let relay: RelayProcess | undefined;
  let sshd: Sshd | undefined;
  let silent: Server | undefined;
  const accepted = new Set<Socket>();

  afterEach(async () => {
    await relay?.close();
    await sshd?.stop();
    for (const socket of accepted) socket.destroy();
    silent?.close();
  });

  /** A relay with all that could hold it up: a frozen device, one that never answers, sockets that say and read nothing. */
  async function startBusy() {
    sshd = await startSshd();
    silent = createServer((socket) => void accepted.add(socket));
    const silentPort = await listenLocally(silent);
    const targets = join(folder, 'busy.json');
    await writeFile(targets, JSON.stringify([{ address: sshd.address }, { address: `root@127.0.0.1:${silentPort}` }]));
    relay = await startRelayProcess('--targets', targets);
    await writeFile(join(relay.home, '.ssh', 'config'), `Host *\n  IdentityFile ${sshd.keyFile}\n`);
    await writeFile(join(relay.home, '.ssh', 'known_hosts'), sshd.knownHostsLine);
    const { port, origin } = relay;
    const page = await relay.signIn();
    const list = (await (await fetch(`${origin}/targets`, { headers: page })).json()) as { targets: { id: string }[] };
    const [real, never] = list.targets.map(({ id }) => id);

    const open = async (target: string | undefined, command: string) => {
      const socket = openPageSocket({ port }, page);
      await once(socket.socket, 'open');
      socket.send({ type: 'open', target, command, pty: null });
      return socket;
    };
    const running = await open(real, 'echo up; cat');
    await running.message({ type: 'ready' });
    const flooding = await open(real, 'yes');
    await flooding.message({ type: 'ready' });
    flooding.socket.pause();
    const connecting = await open(never, 'true');
    const mute = openPageSocket({ port }, page);
    await once(mute.socket, 'open');
    const host = ['host', `127.0.0.1:${port}`] as const;
    const raw = [
      `GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`,
      textOf({ line: 'POST /session HTTP/1.1', headers: [host, ['origin', origin], ['content-length', '100']] }),
      textOf({ line: 'GET /healthz HTTP/1.1', headers: [host] }),
      // A page that will never answer the closing handshake.
      textOf({ line: 'GET /channel HTTP/1.1', headers: [host, ...Object.entries(page), ...UPGRADE] }),
    ].map((text) => {
      const connection = openRaw(port);
      connection.socket.write(text);
      return connection;
    });
    await raw[3]?.until('HTTP/1.1 101');
    await expect.poll(() => accepted.size).toBeGreaterThan(0);
    await sshd.freezeConnections();
    return { relay, running, connecting, mute, flooding, raw };
  }

  it('within 5 s, whatever hangs, and tells every page', async () => {
    const { relay, running, connecting, mute, flooding, raw } = await startBusy();
    relay.child.kill('SIGTERM');
    // What the machine has to do otherwise, it does to both.
    const fiveSeconds = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 5000)']);
    const stopping = { type: 'close' };
    for (const page of [running, connecting, mute])
      expect(await page.message(stopping)).toMatchObject({ problem: { code: 'relay-stopping' } });
    // Nobody comes in meanwhile.
    const late = openRaw(relay.port);
    late.socket.write(`GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:${relay.port}\r\n\r\n`);
    expect(await late.closed).toBe('');
    expect(await Promise.race([relay.exited, once(fiveSeconds, 'exit').then(() => 'five seconds')])).toBe(0);
    fiveSeconds.kill();
    const audit = await readFile(join(relay.state, 'audit.log'), 'utf8');
    expect(audit.match(/"how":"relay-stopping"/g)).toHaveLength(3);
    expect(relay.printed().stderr).toBe('');
    flooding.socket.terminate();
    for (const { socket } of raw) socket.destroy();
  });

  it('at once when it is told twice', async () => {
    const { relay, running, flooding, raw } = await startBusy();
    relay.child.kill('SIGINT');
    await running.message({ type: 'close' });
    relay.child.kill('SIGTERM');
    expect(await relay.exited).toBe(128 + 15);
    flooding.socket.terminate();
    for (const { socket } of raw) socket.destroy();
  });
});

it('each Enter prints a link; the ninth that nobody used says that the oldest stopped working', async () => {
  const command = `${process.execPath} build/relay/main.js --no-open --port 0 --state ${join(folder, 'terminal')}`;
  // A terminal of its own: without one the relay prints a single link.
  const terminal = spawn('script', ['-qfec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'], cwd: ROOT });
  const ended = once(terminal, 'exit');
  let printed = '';
  terminal.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const links = () => [...printed.matchAll(/http:\/\/\S+#token=\S+/g)].map(([link]) => link);
  try {
    await expect.poll(() => printed, { timeout: 20_000 }).toContain('Press Enter');
    for (let count = 2; count <= 9; count++) {
      expect(printed).not.toContain('stopped working');
      terminal.stdin.write('\n');
      await expect.poll(() => links().length).toBe(count);
    }
    expect(printed).toContain('so the oldest unused one stopped working.');
    const signIn = async (link = ''): Promise<number> => {
      const { origin, hash } = new URL(link);
      const body = JSON.stringify({ token: hash.replace('#token=', '') });
      return (await fetch(`${origin}/session`, { method: 'POST', headers: { origin }, body })).status;
    };
    const [oldest, ...others] = links();
    expect(await signIn(oldest)).toBe(401);
    for (const link of others) expect(await signIn(link)).toBe(200);
  } finally {
    terminal.stdin.write('\x03');
    await ended;
  }
});

describe('secrets', () => {
  it('of a whole session are in no output, no log, no answer, no URL and no argument', async () => {
    const PASSWORD = 'correct-horse-7351';
    const WRONG = 'wrong-horse-7352';
    const TYPED = 'typed-secret-7353';
    const IN_COMMAND = 'argument-secret-7354';
    const PRINTED = 'printed-secret-7355';
    const relay = await startRelayProcess();
    const { port, origin, token } = relay;
    const answers: string[] = [];
    try {
      const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
        const response = await fetch(`${origin}${path}`, init);
        const text = `${[...response.headers].join('\n')}\n${await response.text()}`;
        answers.push(text);
        return text;
      };
      const page = await relay.signIn();
      const secret = page.cookie.replace(/^.*=/, '');
      const { 'workbench-key': key } = page;
      await ask('/session', { method: 'POST', headers: page, body: JSON.stringify({ token }) });
      await ask('/session', { method: 'POST', headers: page, body: `{"token": "${token}` });

      // A practice device as a stranger's machine: nothing but its password lets in.
      const list = JSON.parse(/\{.*\}$/.exec(await ask('/targets', { headers: page }))?.[0] ?? '') as {
        targets: { id: string; address: string; simulated: boolean }[];
      };
      const practice = list.targets.find(({ simulated }) => simulated);
      const added = JSON.parse(
        /\{.*\}$/.exec(
          await ask('/targets', {
            method: 'POST',
            headers: page,
            body: JSON.stringify({ address: practice?.address }),
          }),
        )?.[0] ?? '',
      ) as { id: string };
      await ask('/targets', {
        method: 'POST',
        headers: page,
        body: JSON.stringify({ address: `root:${PASSWORD}@${practice?.address.replace(/^.*@/, '')}` }),
      });

      const told: unknown[] = [];
      const run = async (target: string, command: string, typed: string, password: string) => {
        const socket = openPageSocket({ port }, page, (questions) => Array<string>(questions).fill(password));
        await once(socket.socket, 'open');
        socket.send({ type: 'open', target, command, pty: null });
        const first = await Promise.race([socket.message({ type: 'ready' }), socket.message({ type: 'close' })]);
        if (first['type'] === 'ready') {
          socket.socket.send(Buffer.from(typed));
          socket.send({ type: 'end' });
          await socket.message({ type: 'exit' });
          socket.send({ type: 'close' });
        }
        await once(socket.socket, 'close');
        told.push(...socket.told.filter(({ type }) => type !== 'ready'));
        return { first, output: socket.output() };
      };
      const offer = (await run(added.id, 'true', '', PASSWORD)).first['problem'] as {
        hostKey: { offered: { fingerprint: string } };
      };
      await ask(`/targets/${added.id}/host-key`, {
        method: 'PUT',
        headers: page,
        body: JSON.stringify({ fingerprint: offer.hostKey.offered.fingerprint }),
      });
      // The wrong password is refused, and the problem does not repeat it.
      const refused = await run(added.id, 'true', '', WRONG);
      expect(refused.first).toMatchObject({ problem: { code: 'authentication-failed' } });
      const command = `echo ${PRINTED}; cat > /tmp/x; wc -c < /tmp/x; : ${IN_COMMAND}`;
      const { output } = await run(practice?.id ?? '', command, TYPED, PASSWORD);
      expect(output).toContain(PRINTED);
      await ask('/metrics');
      await ask('/healthz');

      const { pid } = relay.child;
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      relay.child.kill('SIGTERM');
      expect(await relay.exited).toBe(0);

      const files = await Promise.all(
        (await readdir(relay.state, { recursive: true, withFileTypes: true }))
          .filter((entry) => entry.isFile())
          .map(async (entry) => [entry.name, await readFile(join(entry.parentPath, entry.name), 'utf8')] as const),
      );
      const state = Object.fromEntries(files);
      const { stdout, stderr } = relay.printed();
      expect(state['audit.log']).toContain('"event":"end"');
      const outputs: Record<string, string> = {
        // The link is how the token is told. It is there once.
        stdout: stdout.replace(token, ''),
        stderr,
        'command line': commandLine,
        environment,
        answers: answers.join('\n'),
        messages: JSON.stringify(told),
        ...state,
      };
      for (const [name, text] of Object.entries(outputs))
        for (const word of [token, secret, key, PASSWORD, WRONG, TYPED, IN_COMMAND, PRINTED])
          expect(text.includes(word), `${word} in ${name}`).toBe(false);
      for (const [name] of files) expect((await stat(join(relay.state, name))).mode & 0o077, name).toBe(0);
    } finally {
      await relay.close();
    }
  });
});
