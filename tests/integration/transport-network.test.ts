import { createServer as createHttpServer } from 'node:http';
import { createHash, randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TransportTarget } from '../../relay/transport.ts';
import { freePort } from './openssh.ts';
import { startSshd, type Sshd } from './sshd.ts';
import { finish, listen, nobody, outputMatching, problemOf, start, useTransports } from './transport-rig.ts';

/** The SSH transport against the real OpenSSH server: jump hosts, and what is no SSH server. */

const rig = useTransports();

describe('ProxyJump', () => {
  let bastion: Sshd;
  let inner: Sshd;
  beforeAll(async () => {
    [bastion, inner] = await Promise.all([startSshd(), startSshd()]);
  });
  afterAll(() => Promise.all([bastion.stop(), inner.stop()]));
  const jumpConfig = () =>
    rig.configure(
      [
        'Host bastion',
        '  HostName 127.0.0.1',
        `  Port ${bastion.port}`,
        `  IdentityFile ${bastion.keyFile}`,
        'Host inner',
        '  HostName 127.0.0.1',
        `  Port ${inner.port}`,
        `  User ${inner.user}`,
        `  IdentityFile ${inner.keyFile}`,
        '  ProxyJump bastion',
        '',
      ].join('\n'),
    );
  const target: TransportTarget = { id: 'inner', address: 'inner' };

  it('checks the key of each hop, then runs on the last', async () => {
    await jumpConfig();
    const transport = rig.make();
    const first = await problemOf(transport, target);
    expect(first).toMatchObject({
      code: 'host-key-unknown',
      hostKey: { offered: { fingerprint: bastion.hostKeyFingerprint } },
    });
    expect(first.message).toContain('jump host');
    expect(await transport.trustHostKey(target, bastion.hostKeyFingerprint)).toBe(true);
    const second = await problemOf(transport, target);
    expect(second).toMatchObject({
      code: 'host-key-unknown',
      hostKey: { offered: { fingerprint: inner.hostKeyFingerprint } },
    });
    expect(second.message).toContain(`via ${bastion.user}@127.0.0.1:${bastion.port}`);
    expect(await transport.trustHostKey(target, inner.hostKeyFingerprint)).toBe(true);
    const end = await finish(await start(transport, target, 'echo $SSH_CONNECTION'));
    expect(end.stdout.trim()).toMatch(new RegExp(`${inner.port}$`));
    await transport.close();
    expect(process.getActiveResourcesInfo()).not.toContain('TCPSocketWrap');
  });

  it('carries data, and reports a lost jump host', async () => {
    await jumpConfig();
    await rig.trust(bastion, inner);
    const transport = rig.make();
    const data = randomBytes(4 * 1024 * 1024);
    const up = await start(transport, target, 'sha256sum');
    up.stdin.end(data);
    expect((await finish(up)).stdout).toContain(createHash('sha256').update(data).digest('hex'));
    const process = await start(transport, target, 'echo ready; cat');
    await outputMatching(process.stdout, /ready/);
    await bastion.dropConnections();
    expect(await finish(process)).toMatchObject({ problem: { code: 'connection-lost' } });
  });

  it('goes over several hops, each with the one key that is configured for it', async () => {
    const middle = await startSshd();
    try {
      await rig.trust(bastion, middle, inner);
      const hop = (name: string, sshd: Sshd) =>
        `Match originalhost ${name}\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  User ${sshd.user}\n  IdentityFile ${sshd.keyFile}\n`;
      const hops =
        hop('bastion', bastion) + hop('middle', middle) + hop('inner', inner) + 'Host *\n  IdentitiesOnly yes\n';
      await writeFile(join(rig.home, '.ssh', 'hops'), hops);
      const counts = () => [bastion, middle, inner].map((sshd) => sshd.connectionCount());
      // As one list; and each naming the one before.
      for (const jumps of [
        'Host inner\n  ProxyJump bastion,middle\n',
        'Host inner\n  ProxyJump middle\nHost middle\n  ProxyJump bastion\n',
      ]) {
        await rig.configure(`${jumps}Host *\n  Include hops\n`);
        const transport = rig.make();
        const before = counts();
        const end = await finish(await start(transport, target, 'echo $SSH_CONNECTION'));
        expect(end.stdout.trim()).toMatch(new RegExp(`${inner.port}$`));
        expect(counts()).toEqual(before.map((count) => count + 1));
        await transport.close();
      }
      // Nobody was offered another's key.
      for (const sshd of [bastion, middle, inner]) expect(sshd.log()).not.toMatch(/Failed publickey/);
    } finally {
      await middle.stop();
    }
  });

  it("goes by the machine's configuration where the person's own says nothing", async () => {
    await rig.trust(bastion, inner);
    await jumpConfig();
    await rig.configureSystem(await readFile(join(rig.home, '.ssh', 'config'), 'utf8'));
    await rig.configure('Host else\n  User nobody\n');
    const end = await finish(await start(rig.make(), target, 'echo $SSH_CONNECTION'));
    expect(end.stdout.trim()).toMatch(new RegExp(`${inner.port}$`));
  });

  it('says what the jump host could not reach', async () => {
    const port = await freePort();
    await rig.trust(bastion);
    await jumpConfig();
    const problem = await problemOf(rig.make(), { id: 'x', address: `inner:${port}` });
    expect(problem).toMatchObject({ code: 'connection-refused' });
    expect(problem.message).toContain(`${bastion.user}@127.0.0.1:${bastion.port}`);
  });

  it('waits no longer for a silent host behind a jump host', async () => {
    const silent = await listen(createServer());
    try {
      await rig.trust(bastion);
      await jumpConfig();
      const transport = rig.make({ deadlines: { connect: 2000 } });
      expect(await problemOf(transport, { id: 'x', address: `inner:${silent.port}` })).toMatchObject({
        code: 'connection-timeout',
      });
    } finally {
      await silent.stop();
    }
  });
});

describe('what is no SSH server', () => {
  it('tells a refused port, an unknown name and a bad configuration', async () => {
    const transport = rig.make();
    const port = await freePort();
    const refused = await problemOf(transport, { id: 'a', address: `root@127.0.0.1:${port}` });
    expect(refused).toMatchObject({ code: 'connection-refused' });
    expect(refused.message).toContain(`root@127.0.0.1:${port}`);
    expect(await problemOf(transport, { id: 'b', address: 'no-such-host.invalid' })).toMatchObject({
      code: 'name-not-found',
    });
    await rig.configure('Host a\n  Port nonsense\n');
    const invalid = await problemOf(transport, { id: 'c', address: 'a' });
    expect(invalid).toMatchObject({ code: 'ssh-config-invalid' });
    expect(invalid.message).toContain('line 2');
  });

  it('tells a web server', async () => {
    const http = createHttpServer((_request, response) => response.end('hello'));
    const web = await listen(http);
    try {
      expect(await problemOf(rig.make(), { id: 'web', address: `127.0.0.1:${web.port}` })).toMatchObject({
        code: 'not-ssh',
      });
    } finally {
      await web.stop();
    }
  });

  it('tells a server that hangs up, and one that talks nonsense', async () => {
    const hangUp = await listen(createServer((socket) => socket.end()));
    const nonsense = await listen(
      createServer((socket) => socket.on('error', () => undefined).end(`SSH-2.0-x\r\n${'\xff'.repeat(64)}`)),
    );
    try {
      expect(await problemOf(rig.make(), { id: 'a', address: `127.0.0.1:${hangUp.port}` })).toMatchObject({
        code: 'not-ssh',
      });
      const problem = await problemOf(rig.make(), { id: 'b', address: `127.0.0.1:${nonsense.port}` });
      expect(['not-ssh', 'connection-lost']).toContain(problem.code);
    } finally {
      await Promise.all([hangUp.stop(), nonsense.stop()]);
    }
  });

  it('gives up on one that says nothing', async () => {
    const silent = await listen(createServer());
    try {
      const transport = rig.make({ deadlines: { connect: 200 } });
      expect(await problemOf(transport, { id: 'x', address: `127.0.0.1:${silent.port}` })).toMatchObject({
        code: 'connection-timeout',
      });
      await silent.empty();
    } finally {
      await silent.stop();
    }
  });

  it('gives up on one that does not even accept', async () => {
    // A stopped process with a full queue: the kernel drops what comes next, as a firewall would.
    const script = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () { console.log(this.address().port) })`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(line.toString());
    child.kill('SIGSTOP');
    const fillers = Array.from({ length: 16 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
    try {
      await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')));
      const transport = rig.make({ deadlines: { connect: 300 } });
      const problem = await problemOf(transport, { id: 'x', address: `127.0.0.1:${port}` });
      expect(problem.code).toBe('connection-timeout');
      expect(problem.message).toContain('no answer within');
    } finally {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      for (const filler of fillers) filler.destroy();
    }
  });

  it('gives up when nobody waits, and leaves no socket', async () => {
    const silent = await listen(createServer());
    try {
      const transport = rig.make();
      const target = { id: 'x', address: `127.0.0.1:${silent.port}` };
      const [one, two] = [new AbortController(), new AbortController()];
      const first = problemOf(transport, target, nobody, one.signal);
      const second = problemOf(transport, target, nobody, two.signal);
      await silent.connected();
      one.abort();
      expect(await first).toMatchObject({ code: 'connection-lost' });
      expect(silent.count()).toBe(1);
      two.abort();
      expect(await second).toMatchObject({ code: 'connection-lost' });
      await silent.empty();
      await transport.close();
    } finally {
      await silent.stop();
    }
  });

  it('closes while it is still connecting', async () => {
    const silent = await listen(createServer());
    try {
      const transport = rig.make();
      const pending = problemOf(transport, { id: 'x', address: `127.0.0.1:${silent.port}` });
      await silent.connected();
      await transport.close();
      expect(['relay-stopping', 'connection-lost']).toContain((await pending).code);
      await silent.empty();
    } finally {
      await silent.stop();
    }
  });
});
