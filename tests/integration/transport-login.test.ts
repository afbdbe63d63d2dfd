import { createPrivateKey } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fingerprint, makeKey, startAgent } from './openssh.ts';
import { startSshd, type Sshd } from './sshd.ts';
import { finish, nobody, person, problemOf, start, targetOf, useTransports } from './transport-rig.ts';

/** The SSH transport against the real OpenSSH server: keys, agent and passwords. */

const rig = useTransports();

/** Writes an ed25519 key as OpenSSL would: ssh-keygen of Debian 12 does not. */
async function asPkcs8(from: string, to: string, passphrase?: string): Promise<void> {
  // The last private field of the file: seed and public half (PROTOCOL.key).
  const body = (await readFile(from, 'utf8')).replace(/-----.*-----|\s/g, '');
  const bytes = Buffer.from(body, 'base64');
  const at = bytes.lastIndexOf(Buffer.from([0, 0, 0, 64]));
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes.subarray(at + 4, at + 36)]),
    format: 'der',
    type: 'pkcs8',
  });
  const lock = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  await writeFile(to, key.export({ type: 'pkcs8', format: 'pem', ...lock }));
}

describe('logging in', () => {
  let sshd: Sshd;
  let extra: string;
  beforeAll(async () => {
    extra = await mkdtemp(join(tmpdir(), 'keys-'));
    const keys = await Promise.all([
      makeKey(join(extra, 'rsa_pem'), { type: 'rsa', format: 'pem' }),
      makeKey(join(extra, 'ecdsa'), { type: 'ecdsa' }),
      makeKey(join(extra, 'locked'), { passphrase: 'open sesame' }),
      makeKey(join(extra, 'locked_pem'), { type: 'rsa', format: 'pem', passphrase: 'open sesame' }),
      makeKey(join(extra, 'agent'), { type: 'ecdsa' }),
      makeKey(join(extra, 'pkcs8_rsa'), { type: 'rsa', format: 'pkcs8' }),
      makeKey(join(extra, 'pkcs8_ecdsa'), { type: 'ecdsa', bits: 384, format: 'pkcs8' }),
      makeKey(join(extra, 'locked_pkcs8'), { type: 'ecdsa', bits: 521, format: 'pkcs8', passphrase: 'open sesame' }),
      makeKey(join(extra, 'plain_ed25519')),
    ]);
    for (const passphrase of [undefined, 'open sesame'])
      await asPkcs8(
        join(extra, 'plain_ed25519'),
        join(extra, `pkcs8_ed25519${passphrase ? '_locked' : ''}`),
        passphrase,
      );
    await rm(join(extra, 'locked_pem.pub'));
    sshd = await startSshd({ acceptKeyFile: false, authorizedKeys: keys });
    for (let index = 0; index < 7; index++) await makeKey(join(extra, `useless${index}`));
  });
  afterAll(async () => {
    await sshd.stop();
    await rm(extra, { recursive: true, force: true });
  });
  beforeEach(() => rig.trust(sshd));

  const identity = (...names: string[]) =>
    rig.configure(names.map((name) => `IdentityFile ${join(extra, name)}\n`).join(''));

  it('uses a key that the group may read, as a checkout makes it', async () => {
    const checkout = join(rig.home, 'src', 'chromite', 'ssh_keys');
    await mkdir(checkout, { recursive: true });
    await writeFile(join(checkout, 'testing_rsa'), await readFile(join(extra, 'rsa_pem')));
    await chmod(join(checkout, 'testing_rsa'), 0o644);
    const transport = rig.make({ chromiumosCheckouts: [join(rig.home, 'src')] });
    expect(await finish(await start(transport, targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
    expect(sshd.log()).toMatch(/RSA.*SHA256:\S+/);
  });

  it('finds testing_rsa beside the default identities', async () => {
    await writeFile(join(rig.home, '.ssh', 'testing_rsa'), await readFile(join(extra, 'rsa_pem')));
    await writeFile(join(rig.home, '.ssh', 'id_ed25519'), await readFile(join(extra, 'useless0')));
    expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
  });

  it('signs with ECDSA', async () => {
    await identity('ecdsa');
    expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
  });

  it('reaches the right key behind more than a server takes on one connection', async () => {
    await identity('useless0', 'useless1', 'useless2', 'useless3', 'useless4', 'useless5', 'useless6', 'ecdsa');
    expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
  });

  it('goes on when the server takes fewer keys than usual', async () => {
    const strict = await startSshd({ config: ['MaxAuthTries 2'] });
    try {
      await rig.trust(strict);
      await rig.configure(
        ['useless0', 'useless1', 'useless2', 'useless3'].map((name) => `IdentityFile ${join(extra, name)}\n`).join('') +
          `IdentityFile ${strict.keyFile}\n`,
      );
      expect(await finish(await start(rig.make(), targetOf(strict), 'echo in'))).toMatchObject({ stdout: 'in\n' });
    } finally {
      await strict.stop();
    }
  });

  it('asks for the passphrase of an encrypted key, up to three times', async () => {
    await identity('locked');
    const { prompter, asked } = person('wrong', 'open sesame');
    expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in', prompter))).toMatchObject({
      stdout: 'in\n',
    });
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({ title: join(extra, 'locked'), questions: [{ echo: false }] });
    expect(rig.logged.join()).not.toContain('open sesame');
  });

  it('asks for no passphrase when the server does not want the key', async () => {
    await makeKey(join(rig.home, 'locked'), { passphrase: 'secret' });
    await rig.configure(`IdentityFile ${join(rig.home, 'locked')}\nIdentityFile ${join(extra, 'ecdsa')}\n`);
    expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in', nobody))).toMatchObject({
      stdout: 'in\n',
    });
  });

  it('asks for the passphrase of an old PEM file that shows no public key', async () => {
    await identity('locked_pem');
    const { prompter } = person('open sesame');
    expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in', prompter))).toMatchObject({
      stdout: 'in\n',
    });
  });

  it.each(['pkcs8_rsa', 'pkcs8_ecdsa', 'pkcs8_ed25519'])('reads PKCS#8: %s', async (name) => {
    expect(await readFile(join(extra, name), 'utf8')).toContain('-----BEGIN PRIVATE KEY-----');
    await identity(name);
    expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
  });

  it.each(['locked_pkcs8', 'pkcs8_ed25519_locked'])('asks for the passphrase of PKCS#8: %s', async (name) => {
    expect(await readFile(join(extra, name), 'utf8')).toContain('-----BEGIN ENCRYPTED PRIVATE KEY-----');
    await identity(name);
    const { prompter, asked } = person('wrong', 'open sesame');
    expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in', prompter))).toMatchObject({
      stdout: 'in\n',
    });
    expect(asked).toHaveLength(2);
  });

  it('ends when the passphrase is not given', async () => {
    await identity('locked');
    expect(await problemOf(rig.make(), targetOf(sshd), person().prompter)).toMatchObject({
      code: 'prompt-cancelled',
    });
  });

  it('names the keys that failed or could not be used', async () => {
    await writeFile(join(rig.home, 'broken'), 'not a key');
    await rig.configure(
      `IdentityFile ${join(rig.home, 'broken')}\nIdentityFile ${join(rig.home, 'missing')}\nIdentityFile ${join(extra, 'useless0')}\n`,
    );
    const problem = await problemOf(rig.make(), targetOf(sshd));
    expect(problem.code).toBe('authentication-failed');
    for (const part of [
      '1 key',
      'useless0',
      'broken',
      'missing: no such file',
      'publickey',
      `${sshd.host}:${sshd.port}`,
    ])
      expect(problem.message).toContain(part);
  });

  it('offers a key only once, whatever names it has', async () => {
    await writeFile(join(rig.home, 'copy'), await readFile(join(extra, 'useless0')));
    await writeFile(join(rig.home, '.ssh', 'testing_rsa'), await readFile(join(extra, 'useless0')));
    await rig.configure(`IdentityFile ${join(extra, 'useless0')}\nIdentityFile ${join(rig.home, 'copy')}\n`);
    const problem = await problemOf(rig.make(), targetOf(sshd));
    expect(problem.message).toContain(`1 key (${join(extra, 'useless0')})`);
  });

  it('uses the keys of a running agent, and the configured one first', async () => {
    const socket = join(rig.home, 'agent.sock');
    const agent = await startAgent(socket, [join(extra, 'useless0'), join(extra, 'agent')]);
    try {
      const transport = rig.make({ environment: { SSH_AUTH_SOCK: socket } });
      expect(await finish(await start(transport, targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
      await transport.close();
      // The agent has it unlocked, and IdentitiesOnly leaves its other keys out.
      await rig.configure(`IdentitiesOnly yes\nIdentityFile ${join(extra, 'agent.pub')}\n`);
      const before = sshd.log().length;
      const only = rig.make({ environment: { SSH_AUTH_SOCK: socket } });
      expect(await finish(await start(only, targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
      expect(sshd.log().slice(before)).not.toContain(await fingerprint(join(extra, 'useless0')));
    } finally {
      await agent.stop();
    }
  });

  it('uses the agent of IdentityAgent, or none, whatever SSH_AUTH_SOCK says', async () => {
    const socket = join(rig.home, 'of config.sock');
    const agent = await startAgent(socket, [join(extra, 'agent')]);
    try {
      await rig.configure(`IdentityAgent "${socket}"\n`);
      const environment = { SSH_AUTH_SOCK: join(rig.home, 'no-agent') };
      expect(await finish(await start(rig.make({ environment }), targetOf(sshd), 'echo in'))).toMatchObject({
        stdout: 'in\n',
      });
      await rig.configure('IdentityAgent none\n');
      const without = rig.make({ environment: { SSH_AUTH_SOCK: socket } });
      expect(await problemOf(without, targetOf(sshd))).toMatchObject({ code: 'authentication-failed' });
    } finally {
      await agent.stop();
    }
  });

  it('goes on without an agent that is gone', async () => {
    await identity('ecdsa');
    const transport = rig.make({ environment: { SSH_AUTH_SOCK: join(rig.home, 'no-agent') } });
    expect(await finish(await start(transport, targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
  });
});

describe('several factors, as OpenSSH with PAM asks for them', () => {
  // An ordinary account's sshd may not use PAM as root's does.
  const pam = ['UsePAM yes', 'KbdInteractiveAuthentication yes'];

  it.each([
    ['the question alone', 'keyboard-interactive', ['keyboard-interactive']],
    ['a key, then the question', 'publickey,keyboard-interactive', ['publickey', 'keyboard-interactive']],
  ])('%s', async (_, methods, tried) => {
    const sshd = await startSshd({ config: [...pam, `AuthenticationMethods ${methods}`] });
    try {
      await rig.trust(sshd);
      await rig.configure(`IdentityFile ${sshd.keyFile}\n`);
      const { prompter, asked } = person('a wrong one', null);
      const problem = await problemOf(rig.make(), targetOf(sshd), prompter);
      expect(problem.code).toBe('prompt-cancelled');
      expect(asked).toHaveLength(2);
      expect(asked[0]).toMatchObject({ title: sshd.address, questions: [{ text: 'Password: ', echo: false }] });
      if (tried.includes('publickey')) expect(sshd.log()).toMatch(/Partial publickey/);
      expect(sshd.log()).toMatch(/Failed keyboard-interactive|Postponed keyboard-interactive/);
    } finally {
      await sshd.stop();
    }
  });
});

describe('passwords', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ passwordAuthentication: true, acceptKeyFile: false });
  });
  afterAll(() => sshd.stop());
  beforeEach(() => rig.trust(sshd));

  it('asks three times, then gives up, and says nothing of what was typed', async () => {
    const { prompter, asked } = person('one-secret', 'two-secret', 'three-secret', 'four-secret');
    const problem = await problemOf(rig.make(), targetOf(sshd), prompter);
    expect(problem.code).toBe('authentication-failed');
    expect(asked).toHaveLength(3);
    expect(asked[0]).toMatchObject({ title: sshd.address, questions: [{ text: 'Password', echo: false }] });
    expect(problem.message + rig.logged.join()).not.toContain('secret');
  });

  it('tries the password of the target first', async () => {
    const { prompter, asked } = person();
    const before = sshd.log().length;
    expect(await problemOf(rig.make(), targetOf(sshd, { password: 'test0000' }), prompter)).toMatchObject({
      code: 'prompt-cancelled',
    });
    expect(asked).toHaveLength(1);
    expect(
      sshd
        .log()
        .slice(before)
        .match(/Failed password/g),
    ).toHaveLength(1);
  });

  it('ends at once when the question is cancelled', async () => {
    const { prompter, asked } = person();
    expect(await problemOf(rig.make(), targetOf(sshd), prompter)).toMatchObject({ code: 'prompt-cancelled' });
    expect(asked).toHaveLength(1);
  });

  it('does not wait for ever for an answer', async () => {
    const transport = rig.make({ deadlines: { prompt: 50 } });
    const problem = await problemOf(transport, targetOf(sshd), () => new Promise(() => undefined));
    expect(problem).toMatchObject({ code: 'prompt-cancelled' });
    expect(problem.message).toContain('waited too long');
  });

  it('asks one person for all who wait, and the next when that one leaves', async () => {
    const transport = rig.make();
    const leaving = new AbortController();
    let askedFirst = 0;
    const first = problemOf(
      transport,
      targetOf(sshd),
      () => {
        askedFirst++;
        leaving.abort();
        return new Promise(() => undefined);
      },
      leaving.signal,
    );
    const { prompter, asked } = person();
    const second = problemOf(transport, targetOf(sshd), prompter);
    expect(await first).toMatchObject({ code: 'connection-lost' });
    expect(await second).toMatchObject({ code: 'prompt-cancelled' });
    expect(askedFirst).toBe(1);
    expect(asked).toHaveLength(1);
  });

  it('asks the next person when one does not answer, and not the same person again', async () => {
    const transport = rig.make();
    const asked: string[] = [];
    const waitAs = (principal: string, name: string, answer: Promise<null>) => {
      const ask = () => (asked.push(name), answer);
      return problemOf(transport, targetOf(sshd), Object.assign(ask, { principal }));
    };
    const first = waitAs('A', 'terminal of A', Promise.resolve(null));
    const log = waitAs('A', 'log of A', Promise.resolve(null));
    const second = waitAs('B', 'terminal of B', new Promise(() => undefined));
    expect(await first).toMatchObject({ code: 'prompt-cancelled' });
    expect(await log).toMatchObject({ code: 'prompt-cancelled' });
    await expect.poll(() => asked).toEqual(['terminal of A', 'terminal of B']);
    await transport.close();
    expect(await second).toMatchObject({ code: 'connection-lost' });
  });
});
