import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeKey, startAgent } from './openssh.ts';
import { startSshd, type Sshd } from './sshd.ts';
import { finish, person, problemOf, start, targetOf, useTransports } from './transport-rig.ts';

/** The SSH transport against the real OpenSSH server, which knows no key, only who signs them. */

const rig = useTransports();
const run = promisify(execFile);

const KINDS = ['ed25519', 'ecdsa', 'rsa'] as const;
const PASSPHRASE = 'open sesame';

describe('certificates', () => {
  let sshd: Sshd;
  let keys: string;
  beforeAll(async () => {
    keys = await mkdtemp(join(tmpdir(), 'certificates-'));
    await makeKey(join(keys, 'authority'));
    sshd = await startSshd({
      acceptKeyFile: false,
      config: [`TrustedUserCAKeys ${join(keys, 'authority.pub')}`],
    });
    const certify = (name: string, ...more: string[]) =>
      run('ssh-keygen', [
        '-q',
        '-s',
        join(keys, 'authority'),
        '-I',
        name,
        '-n',
        userInfo().username,
        ...more,
        join(keys, `${name}.pub`),
      ]);
    for (const type of KINDS) {
      await makeKey(join(keys, type), { type });
      await certify(type);
    }
    await makeKey(join(keys, 'locked'), { passphrase: PASSPHRASE });
    await certify('locked');
    await makeKey(join(keys, 'expired'));
    await certify('expired', '-V', '20200101:20200102');
  });
  afterAll(async () => {
    await sshd.stop();
    await rm(keys, { recursive: true, force: true });
  });
  beforeEach(() => rig.trust(sshd));

  /** Files of `keys`, elsewhere: so that nothing lies beside them. */
  const take = async (...names: string[]) => {
    for (const name of names) await copyFile(join(keys, name), join(rig.home, name));
  };
  const lets = async (transport = rig.make(), ...answers: string[]) =>
    expect(await finish(await start(transport, targetOf(sshd), 'echo in', person(...answers).prompter))).toMatchObject({
      stdout: 'in\n',
    });

  it.each(KINDS)('lets in by the certificate beside a key: %s', async (type) => {
    await rig.configure(`IdentityFile ${join(keys, type)}\n`);
    await lets();
    await sshd.waitForLog(new RegExp(`Accepted certificate ID "${type}"`));
  });

  it('lets in by CertificateFile, wherever it is', async () => {
    await take('ed25519');
    await copyFile(join(keys, 'ed25519-cert.pub'), join(rig.home, 'elsewhere'));
    await rig.configure(`IdentityFile ${join(rig.home, 'ed25519')}\n`);
    expect(await problemOf(rig.make(), targetOf(sshd))).toMatchObject({ code: 'authentication-failed' });
    await rig.configure(`IdentityFile ${join(rig.home, 'ed25519')}\nCertificateFile ~/elsewhere\n`);
    await lets();
  });

  it('asks for the passphrase of a certified key', async () => {
    await rig.configure(`IdentityFile ${join(keys, 'locked')}\n`);
    await lets(rig.make(), 'wrong', PASSPHRASE);
  });

  it.each(KINDS)('lets in by a certificate that the agent has: %s', async (type) => {
    const socket = join(rig.home, 'agent.sock');
    const agent = await startAgent(socket, [join(keys, type)]);
    try {
      await lets(rig.make({ environment: { SSH_AUTH_SOCK: socket } }));
    } finally {
      await agent.stop();
    }
  });

  it('lets in by a certificate on disk whose key only the agent has', async () => {
    await take('rsa');
    const socket = join(rig.home, 'agent.sock');
    const agent = await startAgent(socket, [join(rig.home, 'rsa')]);
    try {
      const environment = { SSH_AUTH_SOCK: socket };
      expect(await problemOf(rig.make({ environment }), targetOf(sshd))).toMatchObject({
        code: 'authentication-failed',
      });
      await rig.configure(`CertificateFile ${join(keys, 'rsa-cert.pub')}\n`);
      await lets(rig.make({ environment }));
    } finally {
      await agent.stop();
    }
  });

  it('says which it tried, and which file is none', async () => {
    await writeFile(join(rig.home, 'no-certificate'), await readFile(join(keys, 'rsa.pub')));
    await rig.configure(`IdentityFile ${join(keys, 'expired')}\nCertificateFile ~/no-certificate\n`);
    const problem = await problemOf(rig.make(), targetOf(sshd));
    expect(problem.code).toBe('authentication-failed');
    expect(problem.message).toContain(`certificate of ${join(keys, 'expired')}`);
    expect(problem.message).toContain('no-certificate: it is no certificate');
  });
});
