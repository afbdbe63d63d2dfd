import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fingerprint, makeKey } from './openssh.ts';
import { startSshServer } from './ssh-server.ts';
import { startSshd, type Sshd } from './sshd.ts';
import { finish, nobody, outputMatching, plain, problemOf, start, targetOf, useTransports } from './transport-rig.ts';

/** The SSH transport against the real OpenSSH server: host keys. */

const run = promisify(execFile);
const rig = useTransports();

/** What sshd logs from the first authentication request on. */
const LOGIN = /authenticating user|Failed|Accepted|Postponed/;

/** Host keys of every type that the relay asks for. */
const HOST_KEYS = [
  ['ssh-ed25519', { type: 'ed25519' }],
  ['ecdsa-sha2-nistp256', { type: 'ecdsa', bits: 256 }],
  ['ecdsa-sha2-nistp384', { type: 'ecdsa', bits: 384 }],
  ['ecdsa-sha2-nistp521', { type: 'ecdsa', bits: 521 }],
  ['ssh-rsa', { type: 'rsa' }],
] as const;

describe('before any authentication', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'keys-'));
    await Promise.all(HOST_KEYS.map(([name, kind]) => makeKey(join(directory, name), kind)));
    await makeKey(join(directory, 'former'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const startWith = async (name: string) =>
    startSshServer((channel) => (channel.exit(0), channel.end()), {
      hostKey: await readFile(join(directory, name)),
    });
  const lineOf = async (port: number, name: string) =>
    `[127.0.0.1]:${port} ${await readFile(join(directory, `${name}.pub`), 'utf8')}`;
  const trustLines = async (...lines: string[]) => {
    await mkdir(join(rig.home, 'state'), { recursive: true });
    await writeFile(rig.knownHosts(), lines.join(''));
  };

  it.each(HOST_KEYS)('an unknown and a changed %s key is refused', async (name) => {
    const server = await startWith(name);
    try {
      const transport = rig.make();
      const target = { id: 'dut', address: server.address };
      const offered = { algorithm: name, fingerprint: await fingerprint(join(directory, name)) };
      expect(await problemOf(transport, target)).toMatchObject({ code: 'host-key-unknown', hostKey: { offered } });
      await trustLines(await lineOf(server.port, 'former'));
      expect(await problemOf(transport, target)).toMatchObject({
        code: 'host-key-changed',
        hostKey: { offered, pinned: { fingerprint: await fingerprint(join(directory, 'former')) } },
      });
      expect(server.logins).toEqual([]);
      expect(await transport.trustHostKey(target, offered.fingerprint)).toBe(true);
      await finish(await start(transport, target, 'true'));
      // The counterpart: a login does show there.
      expect(server.logins.length).toBeGreaterThan(1);
    } finally {
      await server.close();
    }
  });

  it('on each hop of a ProxyJump', async () => {
    const [first, second, dut] = await Promise.all(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'].map(startWith));
    if (!first || !second || !dut) throw new Error('Three servers were started.');
    try {
      await rig.configure(
        `Host dut\n HostName 127.0.0.1\n Port ${dut.port}\n ProxyJump ${first.address},${second.address}\n`,
      );
      const transport = rig.make();
      const target = { id: 'dut', address: 'dut' };
      const logins = () => [first, second, dut].map((server) => server.logins.length > 0);
      await trustLines(await lineOf(first.port, 'former'));
      for (const [index, name] of ['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256'].entries()) {
        const problem = await problemOf(transport, target);
        expect(problem.code).toBe(index === 0 ? 'host-key-changed' : 'host-key-unknown');
        const offered = await fingerprint(join(directory, name));
        expect(problem.hostKey?.offered.fingerprint).toBe(offered);
        expect(logins()).toEqual([index > 0, index > 1, false]);
        expect(await transport.trustHostKey(target, offered)).toBe(true);
      }
      await finish(await start(transport, target, 'true'));
      expect(logins()).toEqual([true, true, true]);
    } finally {
      await Promise.all([first.close(), second.close(), dut.close()]);
    }
  });
});

describe('host keys', () => {
  let sshd: Sshd;
  beforeEach(async () => {
    sshd = await startSshd();
    await rig.configure(`IdentityFile ${sshd.keyFile}\n`);
  });
  afterEach(() => sshd.stop());

  it('asks before it trusts, and does not log in before', async () => {
    const transport = rig.make();
    const target = targetOf(sshd);
    const problem = await problemOf(transport, target);
    expect(problem).toMatchObject({
      code: 'host-key-unknown',
      hostKey: { offered: { algorithm: 'ssh-ed25519', fingerprint: sshd.hostKeyFingerprint } },
    });
    expect(problem.message).toContain(`${sshd.host}:${sshd.port}`);
    await sshd.waitForLog(/preauth/);
    expect(sshd.log()).not.toMatch(LOGIN);

    expect(await transport.trustHostKey(target, `SHA256:${'A'.repeat(43)}`)).toBe(false);
    expect(await transport.trustHostKey({ ...target, id: 'other' }, sshd.hostKeyFingerprint)).toBe(false);
    expect(await transport.trustHostKey(target, sshd.hostKeyFingerprint)).toBe(true);
    expect(await readFile(rig.knownHosts(), 'utf8')).toBe(sshd.knownHostsLine);
    expect((await stat(rig.knownHosts())).mode & 0o777).toBe(0o600);
    expect(await finish(await start(transport, target, 'echo in'))).toMatchObject({ stdout: 'in\n' });
    // The counterpart of the check above: a login does show in this log.
    expect(sshd.log()).toMatch(LOGIN);
  });

  it('shows both keys when the key changed, and replaces only that one', async () => {
    const others = `# mine\r\nother.example ssh-ed25519 ${'A'.repeat(68)}\n\n@cert-authority * ssh-ed25519 AAAA\n\xe9 not utf-8\n`;
    await mkdir(join(rig.home, 'state'));
    await writeFile(rig.knownHosts(), others + sshd.knownHostsLine, 'latin1');
    const transport = rig.make();
    const target = targetOf(sshd);
    await finish(await start(transport, target, 'true'));
    const before = sshd.hostKeyFingerprint;
    await sshd.reflash();
    await expect
      .poll(async () => (await transport.exec(target, plain('true'), nobody, new AbortController().signal)) as unknown)
      .toMatchObject({
        problem: {
          code: 'host-key-changed',
          hostKey: {
            offered: { fingerprint: sshd.hostKeyFingerprint },
            pinned: { algorithm: 'ssh-ed25519', fingerprint: before },
          },
        },
      });
    expect(await transport.trustHostKey(target, sshd.hostKeyFingerprint)).toBe(true);
    expect(await readFile(rig.knownHosts(), 'latin1')).toBe(others + sshd.knownHostsLine);
    expect(await finish(await start(transport, target, 'echo in'))).toMatchObject({ stdout: 'in\n' });
  });

  it('are compared again when a lost connection is made anew, and for one more beside it', async () => {
    const transport = rig.make();
    const target = targetOf(sshd);
    await rig.trust(sshd);
    const process = await start(transport, target, 'echo ready; cat');
    await outputMatching(process.stdout, /ready/);
    await sshd.reflash();
    const before = sshd.log().length;
    expect(await process.ended).toMatchObject({ problem: { code: 'connection-lost' } });
    for (let attempts = 0; attempts < 3; attempts++)
      expect(await problemOf(transport, target)).toMatchObject({ code: 'host-key-changed' });
    await sshd.waitForLog(/preauth/);
    expect(sshd.log().slice(before)).not.toMatch(LOGIN);
  });

  it("believes the person's own known_hosts, but never writes it", async () => {
    const own = join(rig.home, '.ssh', 'known_hosts');
    await writeFile(own, sshd.knownHostsLine);
    const transport = rig.make();
    await finish(await start(transport, targetOf(sshd), 'true'));
    const stale = sshd.knownHostsLine;
    await transport.close();
    await sshd.reflash();
    const fresh = rig.make();
    expect(await problemOf(fresh, targetOf(sshd))).toMatchObject({ code: 'host-key-changed' });
    expect(await fresh.trustHostKey(targetOf(sshd), sshd.hostKeyFingerprint)).toBe(true);
    expect(await finish(await start(fresh, targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
    expect(await readFile(own, 'utf8')).toBe(stale);
  });

  it('files the key under the alias of the target', async () => {
    const transport = rig.make();
    const target = targetOf(sshd, { hostKeyAlias: 'Brya-17' });
    expect((await problemOf(transport, target)).code).toBe('host-key-unknown');
    expect(await transport.trustHostKey(target, sshd.hostKeyFingerprint)).toBe(true);
    expect(await readFile(rig.knownHosts(), 'utf8')).toMatch(/^brya-17 ssh-ed25519 /);
    await finish(await start(transport, target, 'true'));
    expect((await problemOf(transport, targetOf(sshd))).code).toBe('host-key-unknown');
  });

  it('asks for the pinned type, so that a second key is no change', async () => {
    const both = await startSshd({ hostKeyTypes: ['ed25519', 'rsa'] });
    try {
      await rig.configure(`IdentityFile ${both.keyFile}\n`);
      await mkdir(join(rig.home, 'state'));
      await writeFile(
        rig.knownHosts(),
        both.knownHostsLine
          .split('\n')
          .filter((line) => line.includes('ssh-rsa'))
          .join('\n'),
      );
      await finish(await start(rig.make(), targetOf(both), 'true'));
    } finally {
      await both.stop();
    }
  });

  it('takes a pinned type that the server lost as a change', async () => {
    const rsa = await startSshd({ hostKeyTypes: ['rsa'] });
    try {
      const [, base64] = /ssh-ed25519 (\S+)/.exec(sshd.knownHostsLine) ?? [];
      await mkdir(join(rig.home, 'state'));
      await writeFile(rig.knownHosts(), `[127.0.0.1]:${rsa.port} ssh-ed25519 ${base64}\n`);
      expect(await problemOf(rig.make(), targetOf(rsa))).toMatchObject({
        code: 'host-key-changed',
        hostKey: {
          offered: { algorithm: 'ssh-rsa' },
          pinned: { algorithm: 'ssh-ed25519', fingerprint: sshd.hostKeyFingerprint },
        },
      });
    } finally {
      await rsa.stop();
    }
  });

  it('refuses a revoked key, whoever trusts it', async () => {
    await rig.trust(sshd);
    await writeFile(
      join(rig.home, '.ssh', 'known_hosts'),
      `@revoked * ${sshd.knownHostsLine.split(' ').slice(1).join(' ')}`,
    );
    const transport = rig.make();
    expect(await problemOf(transport, targetOf(sshd))).toMatchObject({ code: 'host-key-revoked' });
    expect(await transport.trustHostKey(targetOf(sshd), sshd.hostKeyFingerprint)).toBe(false);
  });

  it.each(['.ssh/known_hosts2', 'ssh_known_hosts', 'ssh_known_hosts2'])(
    'believes %s as ssh does, and what it revokes is refused',
    async (name) => {
      await writeFile(join(rig.home, name), sshd.knownHostsLine);
      const target = targetOf(sshd);
      await finish(await start(rig.make(), target, 'true'));
      await rig.trust(sshd);
      await writeFile(join(rig.home, name), `@revoked * ${sshd.knownHostsLine.split(' ').slice(1).join(' ')}`);
      const transport = rig.make();
      expect(await problemOf(transport, target)).toMatchObject({ code: 'host-key-revoked' });
      expect(await transport.trustHostKey(target, sshd.hostKeyFingerprint)).toBe(false);
    },
  );

  it('pins a HostKeyAlias that is a pattern for itself only, and ssh reads it so', async () => {
    const configure = (alias: string) => rig.configure(`IdentityFile ${sshd.keyFile}\nHostKeyAlias ${alias}\n`);
    await configure('*');
    const transport = rig.make();
    const target = targetOf(sshd);
    expect((await problemOf(transport, target)).code).toBe('host-key-unknown');
    expect(await transport.trustHostKey(target, sshd.hostKeyFingerprint)).toBe(true);
    await finish(await start(transport, target, 'true'));
    const ssh = (alias: string) => {
      const options = [
        `UserKnownHostsFile=${rig.knownHosts()}`,
        'GlobalKnownHostsFile=/dev/null',
        `HostKeyAlias=${alias}`,
      ];
      const all = [...options, 'StrictHostKeyChecking=yes', 'BatchMode=yes', `IdentityFile=${sshd.keyFile}`];
      const args = ['-F', 'none', ...all.flatMap((option) => ['-o', option]), '-p', String(sshd.port)];
      return run('ssh', [...args, `${sshd.user}@${sshd.host}`, 'echo in']);
    };
    expect(await ssh('*')).toMatchObject({ stdout: 'in\n' });
    await expect(ssh('another')).rejects.toMatchObject({
      stderr: expect.stringContaining('verification failed') as string,
    });
    await configure('another');
    expect((await problemOf(rig.make(), target)).code).toBe('host-key-unknown');
  });

  it.each([
    ['a file that others can write to', 0o620, 0o700],
    ['a folder that others can write to', 0o600, 0o777],
  ])('does not believe its own file in %s', async (_title, file, folder) => {
    await rig.trust(sshd);
    await chmod(rig.knownHosts(), file);
    await chmod(join(rig.home, 'state'), folder);
    const transport = rig.make();
    const problem = await problemOf(transport, targetOf(sshd));
    expect(problem).toMatchObject({ code: 'internal', message: expect.stringContaining('chmod go-w') as string });
    expect(sshd.connectionCount()).toBe(0);
  });

  it('that cannot be kept is not trusted, and says why', async () => {
    const transport = rig.make();
    const target = targetOf(sshd);
    await problemOf(transport, target);
    await mkdir(join(rig.home, 'state'));
    await mkdir(join(rig.knownHosts(), 'in the way'), { recursive: true });
    const { hostKeyFingerprint } = sshd;
    await expect(transport.trustHostKey(target, hostKeyFingerprint)).rejects.toThrow(/known_hosts cannot be written/);
    expect(await readdir(join(rig.home, 'state'))).toEqual(['known_hosts']);
    await rm(rig.knownHosts(), { recursive: true });
    expect((await problemOf(transport, target)).code).toBe('host-key-unknown');
    expect(await transport.trustHostKey(target, hostKeyFingerprint)).toBe(true);
  });

  it('fails closed when its own file cannot be used', async () => {
    await mkdir(join(rig.home, 'state'));
    await writeFile(rig.knownHosts(), Buffer.alloc(9 * 1024 * 1024, 0x0a));
    expect(await problemOf(rig.make(), targetOf(sshd))).toMatchObject({ code: 'internal' });
    expect(sshd.connectionCount()).toBe(0);
  });
});
