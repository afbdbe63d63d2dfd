import { mkdtemp, rm } from 'node:fs/promises';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it, vi } from 'vitest';
import { startSshd } from './sshd.ts';

/** The SSH transport where ssh2's compiled ciphers could not be built. In a file of its own: a process loads them once. */

const refused: string[] = [];

beforeAll(() => {
  const { _extensions: loaders } = Module as unknown as {
    _extensions: Record<string, (module: unknown, file: string) => void>;
  };
  const load = loaders['.node'];
  loaders['.node'] = (module, file) => {
    if (!file.endsWith('sshcrypto.node')) return load?.(module, file);
    refused.push(file);
    throw new Error('out of reach');
  };
});

it('says so at the start, with the command that builds them, and works', async () => {
  const { createSshTransport } = await import('../../relay/ssh/transport.ts');
  const log = vi.fn();
  const sshd = await startSshd();
  const transport = createSshTransport({
    knownHostsFile: `${sshd.directory}/known_hosts`,
    home: sshd.directory,
    environment: {},
    chromiumosCheckouts: [],
    log,
  });
  try {
    expect(refused).toHaveLength(1);
    expect(log.mock.calls).toEqual([['warn', {}, expect.stringContaining('npm rebuild ssh2')]]);
    const target = { id: 'dut', address: sshd.address };
    const nobody = () => Promise.resolve(null);
    const run = () => transport.exec(target, { command: 'true', pty: null }, nobody, new AbortController().signal);
    // As far as the login, which is encrypted already.
    await run();
    expect(await transport.trustHostKey(target, sshd.hostKeyFingerprint)).toBe(true);
    expect(await run()).toMatchObject({ problem: { code: 'authentication-failed' } });
  } finally {
    await transport.close();
    await sshd.stop();
  }
});

it('takes packets as large as with them', { timeout: 60_000 }, async () => {
  const { AFTER_ALL, MODES, runWithLargePackets } = await import('./large-packets.ts');
  const { createSshTransport } = await import('../../relay/ssh/transport.ts');
  const home = await mkdtemp(join(tmpdir(), 'home-'));
  for (const mode of MODES) {
    const transport = createSshTransport({
      knownHostsFile: join(home, 'known_hosts'),
      home,
      environment: {},
      log: vi.fn(),
    });
    try {
      expect(await runWithLargePackets(transport, mode), mode.join()).toMatchObject({ stdout: AFTER_ALL, code: 0 });
    } finally {
      await transport.close();
    }
  }
  await rm(home, { recursive: true });
});
