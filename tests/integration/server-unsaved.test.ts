import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'valibot';
import { afterEach, expect, it } from 'vitest';
import { parseForwardReport } from '#lib/protocol/forward.ts';
import { refusalSchema, targetsSchema } from '#lib/protocol/http.ts';
import { startSshd } from './sshd.ts';
import { type SshdRig, startSshdRig } from './sshd-rig.ts';

/** What the relay cannot write down it refuses and has not done: its answers are true on a disk that takes nothing. */

let host: SshdRig | undefined;
let folder: string | undefined;

afterEach(async () => {
  await host?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

it('no change of the devices, and none of the trusted keys, is done where it cannot be kept', async () => {
  folder = await mkdtemp(join(tmpdir(), 'unsaved-'));
  const audit = join(folder, 'audit.log');
  const { rig, target } = (host = await startSshdRig({ audit }));
  const second = await startSshd();
  try {
    const unknown = await rig.addTarget(second.address);
    const problem = await rig.run(unknown, 'true');
    expect(problem).toMatchObject({ problem: { code: 'host-key-unknown' } });
    const reports = rig.forward({ target, host: 'localhost', port: host.sshd.port, localPort: 0 });
    const report = parseForwardReport((await reports.until('\n')).split('\n')[0] ?? '');

    const list = async () => parse(targetsSchema, await (await rig.fetch('/targets')).json()).targets;
    const before = await list();
    const lines = await readFile(audit, 'utf8');
    await rm(rig.stateDirectory, { recursive: true });
    await writeFile(rig.stateDirectory, 'no folder');

    const asked = await Promise.all(
      [
        ['POST', '/targets', { address: 'root@192.0.2.7' }] as const,
        ['POST', '/targets', { address: second.address, oldAlgorithms: true }] as const,
        ['PUT', `/targets/${target}/old-algorithms`, { allowed: true }] as const,
        ['PUT', `/targets/${unknown}/host-key`, { fingerprint: second.hostKeyFingerprint }] as const,
        ['DELETE', `/targets/${target}`, {}] as const,
      ].map(async ([method, path, body]) => {
        const response = await rig.fetch(path, { method, ...(method !== 'DELETE' && { body: JSON.stringify(body) }) });
        return { status: response.status, ...parse(refusalSchema, await response.json()) };
      }),
    );
    for (const { status, problem: said } of asked) {
      expect(status).toBe(507);
      expect(said).toMatch(/^Nothing was changed\. .*, because .* \((EEXIST|ENOTDIR)\): move .*\.$/);
    }
    expect(await list()).toEqual(before);
    expect(await readFile(audit, 'utf8')).toBe(lines);
    // What the forward of the device that is still there leads to.
    const way = connect({ port: report?.localPort ?? 0, host: '127.0.0.1' });
    expect(String((await once(way, 'data'))[0])).toMatch(/^SSH-2\.0-OpenSSH/);
    way.destroy();

    // And where the disk takes something again, all of it is done.
    await rm(rig.stateDirectory);
    await mkdir(rig.stateDirectory, { mode: 0o700 });
    expect((await rig.trust(unknown, second.hostKeyFingerprint)).status).toBe(200);
    expect((await rig.fetch(`/targets/${target}`, { method: 'DELETE' })).status).toBe(200);
    expect(await reports.ended).toMatchObject({ problem: { code: 'target-unknown' } });
    expect((await list()).map(({ id }) => id)).toEqual([unknown]);
  } finally {
    await second.stop();
  }
});
