import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Transport, TransportTarget } from '../../relay/transport.ts';
import { startSshServer } from './ssh-server.ts';
import { startSshd, type Sshd } from './sshd.ts';
import {
  finish,
  gone,
  nobody,
  outputMatching,
  problemOf,
  read,
  stableValue,
  start,
  targetOf,
  useTransports,
} from './transport-rig.ts';

/** The SSH transport against the real OpenSSH server: commands. */

const rig = useTransports();

describe('running commands', () => {
  let sshd: Sshd;
  let transport: Transport;
  let target: TransportTarget;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.stop());
  beforeEach(async () => {
    await rig.trust(sshd);
    await rig.configure(`IdentityFile ${sshd.keyFile}\n`);
    transport = rig.make();
    target = targetOf(sshd);
  });

  it('reports exit codes and keeps stderr apart', async () => {
    expect(await finish(await start(transport, target, 'echo out; echo err >&2'))).toEqual({
      stdout: 'out\n',
      stderr: 'err\n',
      code: 0,
      signal: null,
      problem: null,
    });
    expect(await finish(await start(transport, target, 'exit 7'))).toMatchObject({
      code: 7,
      signal: null,
      problem: null,
    });
  });

  it('reports the signal that ended a command', async () => {
    expect(await finish(await start(transport, target, 'kill -TERM $$'))).toMatchObject({
      code: null,
      signal: 'TERM',
      problem: null,
    });
  });

  it('sends signals, also after stdin has ended', async () => {
    // What it writes ends it when the channel is gone: nothing may outlive the test.
    const remote = await start(
      transport,
      target,
      'trap "echo caught; exit 3" USR1; echo ready; cat >/dev/null; while sleep 0.05; do echo goes on >&2; done',
    );
    remote.stdin.end();
    await outputMatching(remote.stdout, /ready/);
    remote.signal('USR1');
    if (process.getuid?.() === 0) {
      // OpenSSH takes signals only where it separates privileges, which it does not for root; that it says so shows
      // that the request went out.
      await sshd.waitForLog(/session signalling requires privilege separation/);
      remote.kill();
    } else expect(await finish(remote)).toMatchObject({ stdout: 'caught\n', code: 3 });
  });

  it('passes stdin and its end', async () => {
    const process = await start(transport, target, 'cat; echo end');
    process.stdin.end('hello\n');
    expect(await finish(process)).toMatchObject({ stdout: 'hello\nend\n', code: 0 });
  });

  it('carries 8 MiB of binary data up and down unchanged', async () => {
    const data = randomBytes(8 * 1024 * 1024);
    const sha256 = createHash('sha256').update(data).digest('hex');
    const up = await start(transport, target, 'sha256sum');
    up.stdin.end(data);
    expect((await finish(up)).stdout).toContain(sha256);
    const file = join(rig.home, 'data');
    await writeFile(file, data);
    const down = await start(transport, target, `cat ${file}`);
    const [received] = await Promise.all([read(down.stdout), down.ended]);
    expect(createHash('sha256').update(received).digest('hex')).toBe(sha256);
  });

  it('gives a terminal its size and changes it', async () => {
    const process = await start(transport, target, {
      command: 'stty size; echo $TERM; read line; stty size',
      pty: { term: 'xterm-256color', columns: 101, rows: 33 },
    });
    await outputMatching(process.stdout, /33 101\r\nxterm-256color\r\n/);
    process.resize(77, 22);
    process.stdin.write('go\n');
    const rest = await finish(process);
    expect(rest.stdout).toContain('22 77');
    expect(rest).toMatchObject({ stderr: '', code: 0 });
  });

  it('starts the login shell when there is no command', async () => {
    const process = await start(transport, target, { command: null, pty: { term: 'xterm', columns: 80, rows: 24 } });
    process.stdin.write('echo shell-$((40+2)); exit 5\n');
    const end = await finish(process);
    expect(end.stdout).toContain('shell-42');
    expect(end.code).toBe(5);
  });

  it('shares three connections among twenty commands that start together', async () => {
    const before = sshd.connectionCount();
    const processes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => start(transport, target, `read x; echo ${index}`)),
    );
    for (const process of processes) process.stdin.end('\n');
    const ends = await Promise.all(processes.map(finish));
    expect(ends.map((end) => end.stdout.trim())).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    expect(sshd.connectionCount() - before).toBe(3);
    // All places are free again: eight more need no new connection.
    await Promise.all(Array.from({ length: 8 }, async () => finish(await start(transport, target, 'true'))));
    expect(sshd.connectionCount() - before).toBe(3);
  });

  it('stops the source when stdout is not read, and goes on when it is', async () => {
    const counter = join(rig.home, 'count');
    const process = await start(
      transport,
      target,
      `trap '' PIPE; i=0; while [ $i -lt 64 ]; do head -c 1048576 /dev/zero || exit 1; i=$((i+1)); echo $i > ${counter}; done`,
    );
    // Nobody reads. The source writes until all buffers on the way are full, then stands still.
    const stuck = await stableValue(async () => (await readFile(counter, 'utf8').catch(() => '')).trim());
    expect(Number(stuck)).toBeGreaterThan(0);
    expect(Number(stuck)).toBeLessThan(12);
    expect(process.stdout.readableLength).toBeLessThanOrEqual(128 * 1024);
    const [received] = await Promise.all([read(process.stdout), read(process.stderr), process.ended]);
    expect(received.length).toBe(64 * 1024 * 1024);
  });

  it('holds back a writer whose command does not read', async () => {
    const process = await start(transport, target, 'cat');
    const chunk = Buffer.alloc(64 * 1024);
    let written = 0;
    const fill = () => {
      while (written < 64 * 1024 * 1024 && process.stdin.write(chunk)) written += chunk.length;
    };
    process.stdin.on('drain', fill);
    fill();
    await stableValue(() => Promise.resolve(String(written)));
    expect(written).toBeLessThan(8 * 1024 * 1024);
    process.kill();
    expect(await process.ended).toMatchObject({ problem: null });
  });

  it('ends a command that is killed, even an unread one, and its children', async () => {
    const process = await start(transport, target, 'echo $$; yes');
    const pid = Number((await outputMatching(process.stdout, /\d+\n/)).split('\n')[0]);
    process.stdout.pause();
    process.kill();
    process.kill();
    expect(await process.ended).toMatchObject({ problem: null });
    await gone(pid);
  });

  it('hangs up a silent command with a terminal that is killed', async () => {
    const pty = { term: 'xterm', columns: 80, rows: 24 };
    const process = await start(transport, target, { command: 'echo $$; sleep 600', pty });
    const pid = Number((await outputMatching(process.stdout, /\d+\r\n/)).trim());
    process.kill();
    await process.ended;
    await gone(pid);
  });

  it('does not wait for a command that outlives its channel', async () => {
    const idle = rig.make({ deadlines: { idle: 20 } });
    const before = sshd.log().length;
    const process = await start(idle, target, 'trap "" HUP; sleep 20 </dev/null');
    process.kill();
    expect(await process.ended).toEqual({ code: null, signal: null, problem: null });
    // Nor does the connection.
    await expect.poll(() => sshd.log().slice(before), { timeout: 10_000 }).toMatch(/Received disconnect/);
  });

  it('survives writing to a command that has ended', async () => {
    const process = await start(transport, target, 'true');
    process.stdin.on('error', () => undefined);
    await finish(process);
    process.stdin.write('late');
    process.signal('TERM');
    process.resize(10, 10);
    process.kill();
    expect(await finish(await start(transport, target, 'echo fine'))).toMatchObject({ stdout: 'fine\n' });
  });

  it('lets both streams be destroyed unread', async () => {
    const process = await start(
      transport,
      target,
      'head -c 10000000 /dev/zero; head -c 10000000 /dev/zero >&2; exit 4',
    );
    process.stdout.destroy();
    process.stderr.destroy();
    expect(await process.ended).toEqual({ code: 4, signal: null, problem: null });
  });

  it('reports a lost connection, with the output that came before', async () => {
    const process = await start(transport, target, 'echo before; exec cat');
    const stdout = outputMatching(process.stdout, /before\n/);
    await stdout;
    await sshd.dropConnections();
    const end = await finish(process);
    expect(end).toMatchObject({ code: null, signal: null, problem: { code: 'connection-lost' } });
    expect(end.problem?.message).toContain(`${sshd.host}:${sshd.port}`);
    expect(await finish(await start(transport, target, 'echo again'))).toMatchObject({ stdout: 'again\n' });
  });

  it('notices a peer that froze, and says that nothing was closed', async () => {
    const impatient = rig.make({ deadlines: { keepalive: 50 } });
    const process = await start(impatient, target, 'echo before; exec cat');
    await outputMatching(process.stdout, /before\n/);
    const thaw = await sshd.freezeConnections();
    try {
      expect(await process.ended).toMatchObject({ problem: { code: 'connection-lost', unclosed: true } });
      // A frozen connection is no reason not to make another.
      expect(await finish(await start(impatient, target, 'echo again'))).toMatchObject({ stdout: 'again\n' });
    } finally {
      thaw();
    }
  });

  it('keeps a quiet connection whose peer answers', async () => {
    const impatient = rig.make({ deadlines: { keepalive: 20 } });
    const process = await start(impatient, target, 'sleep 0.6; echo still here');
    expect(await finish(process)).toMatchObject({ stdout: 'still here\n', problem: null });
  });

  it('closes a connection that nobody uses', async () => {
    const idle = rig.make({ deadlines: { idle: 20 } });
    const before = sshd.log().length;
    await finish(await start(idle, target, 'true'));
    await expect
      .poll(() => sshd.log().slice(before), { timeout: 10_000 })
      .toMatch(/Received disconnect|Connection closed by|Disconnected from/);
  });

  it('opens another connection when the server takes fewer sessions', async () => {
    const strict = await startSshd({ config: ['MaxSessions 2'] });
    try {
      await rig.trust(strict);
      await rig.configure(`IdentityFile ${strict.keyFile}\n`);
      const fresh = rig.make();
      const processes = await Promise.all(
        Array.from({ length: 5 }, () => start(fresh, targetOf(strict), 'read x; echo ok')),
      );
      for (const process of processes) process.stdin.end('\n');
      for (const end of await Promise.all(processes.map(finish))) expect(end.stdout).toBe('ok\n');
      expect(strict.connectionCount()).toBe(3);
    } finally {
      await strict.stop();
    }
  });

  it('says so when the server gives no terminal', async () => {
    const strict = await startSshd({ config: ['PermitTTY no'] });
    try {
      await rig.trust(strict);
      await rig.configure(`IdentityFile ${strict.keyFile}\n`);
      const request = { command: 'true', pty: { term: 'xterm', columns: 80, rows: 24 } };
      const result = await rig.make().exec(targetOf(strict), request, nobody, new AbortController().signal);
      expect(result).toMatchObject({ problem: { code: 'exec-refused' } });
    } finally {
      await strict.stop();
    }
  });

  it('leaves nothing open after close, and refuses new commands', async () => {
    const processes = await Promise.all(Array.from({ length: 9 }, () => start(transport, target, 'cat')));
    await transport.close();
    for (const process of processes)
      expect(await finish(process)).toMatchObject({ problem: { code: 'relay-stopping' } });
    expect(process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap')).toEqual([]);
    expect(await problemOf(transport, target)).toMatchObject({ code: 'relay-stopping' });
  });
});

it('does not wait for ever for a device that takes the command which ends others, and hangs', async () => {
  let endings = 0;
  const server = await startSshServer((channel, command) => {
    if (command.startsWith('sh -c')) endings++;
    else channel.write('up\n');
  });
  try {
    // Before the connection is given up as idle, what is left is tried once more.
    const transport = rig.make({ deadlines: { session: 300, idle: 10 } });
    const target: TransportTarget = { id: 'hanging', address: server.address };
    const { hostKey } = await problemOf(transport, target);
    await transport.trustHostKey(target, hostKey?.offered.fingerprint ?? '');
    const process = await start(transport, target, 'sleep 60');
    await outputMatching(process.stdout, /up/);
    process.kill();
    await expect.poll(() => server.count(), { timeout: 10_000 }).toBe(0);
    expect(endings).toBe(2);
  } finally {
    await server.close();
  }
});
