import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UNUSED_MAX_MS, removeUnused } from './image.ts';
import { withLock } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'image-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe("other recipes' images", () => {
  it('stay while a checkout uses them, and go when none has for long', () => {
    const cache = join(folder, 'cache');
    const now = Date.now();
    for (const [name, age] of [
      ['in-use', 0],
      ['rarely-used', UNUSED_MAX_MS - 1000],
      ['unused', UNUSED_MAX_MS + 1000],
    ] as const) {
      mkdirSync(join(cache, name, 'lxd'), { recursive: true });
      utimesSync(join(cache, name), new Date(now - age), new Date(now - age));
    }
    writeFileSync(join(cache, 'lock'), '');
    utimesSync(join(cache, 'lock'), new Date(0), new Date(0));
    removeUnused(cache, now);
    expect(readdirSync(cache).sort()).toEqual(['in-use', 'lock', 'rarely-used']);
  });
});

describe('the lock', () => {
  const file = join(folder, 'lock');

  it('is held by one at a time', async () => {
    let inside = 0;
    const work = async (): Promise<number> => {
      const now = (inside += 1);
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      return now;
    };
    expect(await Promise.all(Array.from({ length: 5 }, () => withLock(file, 60_000, work)))).toEqual([1, 1, 1, 1, 1]);
  });

  it('is free again after an error, and after a holder that was killed', async () => {
    await expect(withLock(file, 60_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    await once(holder.stdout, 'data');
    await expect(withLock(file, 50, () => Promise.resolve('in'))).rejects.toThrow('is held by another process');
    holder.kill('SIGKILL');
    holder.stdin.end();
    expect(await withLock(file, 60_000, () => Promise.resolve('in'))).toBe('in');
    expect(existsSync(file)).toBe(true);
  });
});
