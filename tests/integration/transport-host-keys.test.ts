import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSshd, type Sshd } from './sshd.ts';
import { finish, nobody, plain, problemOf, start, targetOf, useTransports } from './transport-rig.ts';

/** The SSH transport against the real OpenSSH server: host keys. */

const rig = useTransports();

/** What sshd logs from the first authentication request on. */
const LOGIN = /authenticating user|Failed|Accepted|Postponed/;

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

  it('fails closed when its own file cannot be used', async () => {
    await mkdir(join(rig.home, 'state'));
    await writeFile(rig.knownHosts(), Buffer.alloc(9 * 1024 * 1024, 0x0a));
    expect(await problemOf(rig.make(), targetOf(sshd))).toMatchObject({ code: 'internal' });
    expect(sshd.connectionCount()).toBe(0);
  });
});
