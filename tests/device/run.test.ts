import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { must, run } from './run.ts';

const isThere = (pid: number): boolean => {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

it('keeps the two outputs and the code', async () => {
  expect(await run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
    code: 3,
    stdout: 'out\n',
    stderr: 'err\n',
  });
});

it('ends a program that does not end, with all that it started', async () => {
  const { code, stdout, stderr } = await run(['sh', '-c', 'sleep 4711 & echo $!; wait'], { timeoutMs: 300 });
  expect(code).toBe(null);
  expect(stderr).toBe('sh: it took longer than 0.3 s and was killed');
  const pid = Number(stdout);
  expect(pid).toBeGreaterThan(1);
  while (isThere(pid)) await new Promise((resolve) => setImmediate(resolve));
});

it('does not wait for what left its group and keeps its output open', async () => {
  const { code } = await run(['sh', '-c', 'setsid sleep 2 & wait'], { timeoutMs: 100 });
  expect(code).toBe(null);
});

it('gives a program no stdin to wait for, and says which could not be started', async () => {
  expect(await run(['cat'])).toEqual({ code: 0, stdout: '', stderr: '' });
  const missing = await run(['no-such-program']);
  expect(missing.code).not.toBe(0);
  expect(missing.stderr).toContain('no-such-program');
  await expect(must(['sh', '-c', 'echo why >&2; exit 1'])).rejects.toThrow('why');
});
