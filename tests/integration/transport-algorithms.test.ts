import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from './openssh.ts';
import type { TransportTarget } from '../../relay/transport.ts';
import { startRelayRig } from './relay-rig.ts';
import { startSshServer } from './ssh-server.ts';
import { startSshd } from './sshd.ts';
import { finish, problemOf, start, targetOf, useTransports } from './transport-rig.ts';

/** The SSH transport against the real OpenSSH server: which algorithms it takes, and which only for a very old image. */

const rig = useTransports();

let keys = '';
let rsa = '';
beforeAll(async () => {
  keys = await mkdtemp(join(tmpdir(), 'keys-'));
  rsa = await makeKey(join(keys, 'rsa'), { type: 'rsa' });
});
afterAll(() => rm(keys, { recursive: true, force: true }));

/** A server restricted to these, with RSA keys on both sides. */
async function withServer(config: string[], run: (sshd: Awaited<ReturnType<typeof startSshd>>) => Promise<void>) {
  const sshd = await startSshd({ hostKeyTypes: ['rsa'], acceptKeyFile: false, authorizedKeys: [rsa], config });
  try {
    await rig.trust(sshd);
    await rig.configure(`IdentityFile ${join(keys, 'rsa')}\n`);
    await run(sshd);
  } finally {
    await sshd.stop();
  }
}

describe('algorithms', () => {
  it.each([
    ['cipher', ['Ciphers aes128-cbc']],
    ['cipher', ['Ciphers aes256-cbc,3des-cbc']],
    ['MAC', ['Ciphers aes128-ctr', 'MACs hmac-sha1']],
    ['MAC', ['Ciphers aes128-ctr', 'MACs hmac-sha1-etm@openssh.com']],
    ['key exchange', ['KexAlgorithms diffie-hellman-group14-sha1']],
    ['key exchange', ['KexAlgorithms diffie-hellman-group-exchange-sha1']],
    ['host key', ['HostKeyAlgorithms ssh-rsa']],
    [
      'key exchange',
      [
        'KexAlgorithms diffie-hellman-group14-sha1',
        'Ciphers aes128-cbc',
        'MACs hmac-sha1',
        'HostKeyAlgorithms ssh-rsa',
      ],
    ],
  ])('an old %s is refused, unless the target is said to run a very old image: %j', (what, config) =>
    withServer(config, async (sshd) => {
      const transport = rig.make();
      const problem = await problemOf(transport, targetOf(sshd));
      expect(problem.code).toBe('no-common-algorithm');
      expect(problem.message.toLowerCase()).toContain(what.toLowerCase());
      expect(sshd.log()).not.toContain('Accepted');
      const old = targetOf(sshd, { oldAlgorithms: true });
      expect(await finish(await start(transport, old, 'echo in'))).toMatchObject({ stdout: 'in\n' });
      // What one connection is allowed, another is not.
      expect(await problemOf(transport, targetOf(sshd))).toMatchObject({ code: 'no-common-algorithm' });
    }),
  );

  it('what a person says of a target holds until they say otherwise, and is kept', () =>
    withServer(['KexAlgorithms diffie-hellman-group14-sha1'], async (sshd) => {
      const relay = await startRelayRig();
      try {
        const put = (id: string, body: object) =>
          relay.fetch(`/targets/${id}/old-algorithms`, { method: 'PUT', body: JSON.stringify(body) });
        const codeOf = async () => {
          const result = await relay.run(id, 'true');
          return 'problem' in result ? result.problem.code : undefined;
        };
        const kept = async () =>
          JSON.parse(await readFile(join(relay.stateDirectory, 'targets.json'), 'utf8')) as unknown;
        const id = await relay.addTarget(sshd.address);
        expect(await codeOf()).toBe('no-common-algorithm');
        expect((await put(id, { allowed: true })).status).toBe(200);
        expect(await codeOf()).toBe('host-key-unknown');
        expect(await kept()).toEqual([{ address: sshd.address, oldAlgorithms: true }]);
        // Adding it once more changes nothing.
        await relay.addTarget(sshd.address);
        expect(await codeOf()).toBe('host-key-unknown');
        expect((await put(id, { allowed: false })).status).toBe(200);
        expect(await codeOf()).toBe('no-common-algorithm');
        expect(await kept()).toEqual([{ address: sshd.address, oldAlgorithms: false }]);
        expect((await put('device-none', { allowed: true })).status).toBe(404);
        expect((await put(id, { allowed: 'yes' })).status).toBe(404);
      } finally {
        await relay.close();
      }
    }));

  it('a server that cannot say which signatures it takes gets none with SHA-1, unless it is said to be old', async () => {
    // OpenSSH before 7.2; a newer one always says it, whatever its configuration.
    const signatures: string[] = [];
    const server = await startSshServer((channel) => channel.exit(0), {
      extInfo: false,
      authenticate: (context) => {
        if (context.method !== 'publickey') return context.reject(['publickey']);
        // ssh2 names no hash for `ssh-rsa`.
        if (context.signature) signatures.push(context.hashAlgo ?? 'sha1');
        context.accept();
      },
    });
    try {
      await rig.configure(`IdentityFile ${join(keys, 'rsa')}\n`);
      const transport = rig.make();
      const target = { id: 'old', address: server.address };
      const trust = async (one: TransportTarget) => {
        const { hostKey } = await problemOf(transport, one);
        await transport.trustHostKey(one, hostKey?.offered.fingerprint ?? '');
      };
      await trust(target);
      const problem = await problemOf(transport, target);
      expect(problem.code).toBe('no-common-algorithm');
      expect(problem.message).toContain('a signature with SHA-1');
      expect(signatures).toEqual([]);
      (await start(transport, { ...target, oldAlgorithms: true }, 'true')).kill();
      expect(signatures).toEqual(['sha1']);
    } finally {
      await server.close();
    }
  });

  it.each([
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes256-ctr',
  ])('%s will do', (cipher) =>
    withServer([`Ciphers ${cipher}`], async (sshd) => {
      expect(await finish(await start(rig.make(), targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
    }),
  );

  it('a group of 8,192 bits that the server chose holds nobody up', async () => {
    const moduli = join(keys, 'moduli');
    const all = await readFile('/etc/ssh/moduli', 'utf8');
    await writeFile(moduli, all.split('\n').find((line) => line.includes(' 8191 ')) ?? '');
    const config = ['KexAlgorithms diffie-hellman-group-exchange-sha256', `ModuliFile ${moduli}`];
    await withServer(config, async (sshd) => {
      // Node would prove that the number is prime: for 28 s, all the relay's, so that this deadline would be over.
      const transport = rig.make({ deadlines: { connect: 10_000 } });
      expect(await finish(await start(transport, targetOf(sshd), 'echo in'))).toMatchObject({ stdout: 'in\n' });
    });
  });

  it('has the compiled ones, and no warning', () => {
    rig.make();
    expect(rig.logged).toEqual([]);
  });

  it('prefers the best that both sides have, also for a very old image', () =>
    withServer(
      ['Ciphers aes128-cbc,aes256-ctr,chacha20-poly1305@openssh.com,aes128-gcm@openssh.com', 'LogLevel DEBUG1'],
      async (sshd) => {
        const chosen = () =>
          [...sshd.log().matchAll(/kex: client->server cipher: (\S+) MAC: \S+/g)].map(([, cipher]) => cipher);
        await finish(await start(rig.make(), targetOf(sshd), 'true'));
        await finish(await start(rig.make(), targetOf(sshd, { oldAlgorithms: true }), 'true'));
        expect(chosen()).toEqual(['aes128-gcm@openssh.com', 'aes128-gcm@openssh.com']);
      },
    ));
});
