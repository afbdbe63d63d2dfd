import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type RelayRig, startRelayRig } from './relay-rig.ts';
import { startSshdRig } from './sshd-rig.ts';

/** No page writes so much into the audit log that what it did before is gone: beyond a bound, it may not do it. */

let close: (() => Promise<void>) | undefined;

afterEach(async () => {
  await close?.();
  close = undefined;
});

type Line = Record<string, unknown>;
const linesOf = async ({ stateDirectory }: RelayRig): Promise<Line[]> =>
  (await readFile(join(stateDirectory, 'audit.log'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

it('who changes a device as fast as it goes is refused in words, and no change is without its line', async () => {
  const rig = await startRelayRig();
  close = () => rig.close();
  const target = await rig.addTarget('root@192.0.2.7');
  const allow = (allowed: boolean, headers?: Record<string, string>) =>
    rig.fetch(`/targets/${target}/old-algorithms`, {
      method: 'PUT',
      body: JSON.stringify({ allowed }),
      ...(headers && { headers }),
    });
  let changed = 0;
  let last = false;
  let refusal = '';
  for (let count = 0; count < 300; count++) {
    const allowed = count % 2 === 0;
    const response = await allow(allowed);
    if (response.ok) {
      // To say again what holds already changes nothing.
      if (allowed !== last) changed++;
      last = allowed;
    } else {
      expect(response.status).toBe(429);
      refusal = ((await response.json()) as { problem: string }).problem;
    }
  }
  expect(refusal).toMatch(/It takes the next change in 1 second\.$/);
  // What came back meanwhile, a second, is the machine's.
  expect(changed).toBeLessThan(200);
  const lines = await linesOf(rig);
  expect(lines.filter(({ event }) => event === 'old-algorithms')).toHaveLength(changed);
  // Another sign-in has a budget of its own, and looking costs nothing.
  expect((await allow(true, await rig.signInAgain())).status).toBe(200);
  expect((await rig.fetch('/targets')).status).toBe(200);
  expect((await rig.fetch('/session', { method: 'DELETE' })).status).toBe(200);
});

it('who opens channels without end is refused in words; each that was opened has its line, and its end', async () => {
  const host = await startSshdRig({ limits: { opens: { burst: 6, perSecond: 0.001, perDay: 100 } } });
  close = () => host.close();
  const { rig, target } = host;
  const run = async (): Promise<string> => {
    const result = await rig.run(target, 'exit 3');
    return 'problem' in result ? `${result.problem.code}: ${result.problem.message}` : String(result.exit.code);
  };
  // One went to the rig, to learn the host key.
  const results: string[] = [];
  for (let count = 0; count < 8; count++) results.push(await run());
  expect(results.slice(0, 5)).toEqual(Array(5).fill('3'));
  for (const refused of results.slice(5))
    expect(refused).toMatch(/^too-often: .*It opens the next one in 1\d minutes\.$/);
  const lines = await linesOf(rig);
  expect(lines.filter(({ event }) => event === 'open')).toHaveLength(6);
  expect(lines.filter(({ event }) => event === 'end')).toHaveLength(6);
  // What was open goes on, and another sign-in has a budget of its own.
  const socket = rig.rawSocket(await rig.signInAgain());
  const told = new Promise<string>((resolve) => socket.on('message', (data: Buffer) => resolve(data.toString())));
  socket.on('open', () => socket.send(JSON.stringify({ type: 'open', target, command: 'true', pty: null })));
  expect(await told).toContain('"ready"');
});

describe('what is done again and again', () => {
  it('a resume: the first has a line, the others are counted in that of the end', async () => {
    const host = await startSshdRig();
    close = () => host.close();
    const { rig, target } = host;
    const cat = rig.open({ target, command: 'cat', pty: null });
    cat.write('x');
    await cat.until('x');
    const channel = cat.channel.id ?? '';
    for (let count = 0; count < 100; count++) {
      const page = rig.resume(channel);
      await page.until('x');
      page.leave();
    }
    const last = rig.resume(channel);
    await last.until('x');
    last.channel.close();
    await expect.poll(async () => (await linesOf(rig)).at(-1)).toMatchObject({ event: 'end', how: 'closed' });
    const lines = await linesOf(rig);
    const told = lines.filter(({ event }) => event === 'resume').map(({ count }) => Number(count));
    expect(told.length).toBeLessThan(4);
    expect(told.reduce((sum, count) => sum + count, Number(lines.at(-1)?.['resumes']))).toBe(101);
  });

  it('a refused sign-in: the first has a line with its peer, the others are counted', async () => {
    const rig = await startRelayRig();
    const body = JSON.stringify({ token: 'A'.repeat(43) });
    for (let count = 0; count < 300; count++) await rig.fetch('/session', { method: 'POST', body });
    const lines = (await linesOf(rig)).filter(({ event }) => event === 'sign-in-refused');
    await rig.close();
    expect(lines[0]).toMatchObject({ peer: '127.0.0.1', count: 1 });
    expect(lines.length).toBeLessThan(4);
  });
});
