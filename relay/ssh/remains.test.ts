import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Remains, endMarked, markedCommand, newMark } from './remains.ts';

const SHELLS = ['/bin/sh', '/bin/bash', '/usr/bin/zsh', '/usr/bin/fish'].filter((path) => existsSync(path));

it.each(SHELLS)('a marked command does in %s what it does without its mark', (shell) => {
  for (const command of [
    'echo out; echo err >&2; exit 7',
    'kill -TERM $$',
    'cat; echo "$0" #',
    '',
    '\n  echo later\n',
  ]) {
    const [plain, marked] = [command, markedCommand(newMark(), command)].map((text) => {
      const { stdout, stderr, status, signal } = spawnSync(shell, ['-c', text], { input: 'in\n', encoding: 'utf8' });
      return { stdout, stderr, status, signal };
    });
    expect(marked).toEqual(plain);
  }
});

it.each(SHELLS)('%s ends what carries a mark, and its children, and nothing else', async (shell) => {
  const start = async (mark: string, command: string) => {
    const child = spawn('/bin/sh', ['-c', markedCommand(mark, command)], { stdio: ['ignore', 'pipe', 'ignore'] });
    const exited = once(child, 'exit');
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await once(child.stdout, 'data');
    return { child, exited, printed: () => printed };
  };
  const [one, two, other] = [newMark(), newMark(), newMark()];
  const polite = await start(one, 'echo up; sleep 86399; echo never');
  const stubborn = await start(two, 'trap "" TERM; echo up; while :; do sleep 0.1; done');
  const kept = await start(other, 'echo up; exec sleep 86399');
  const result = spawnSync(shell, ['-c', endMarked([one, two, newMark()])], { encoding: 'utf8' });
  expect(result).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(await polite.exited).toEqual([null, 'SIGTERM']);
  expect(polite.printed()).toBe('up\n');
  expect(await stubborn.exited).toEqual([null, 'SIGKILL']);
  expect(kept.child.exitCode ?? kept.child.signalCode).toBeNull();
  kept.child.kill();
  await kept.exited;
});

it('keeps marks until they are done with, and forgets the oldest beyond its bound', () => {
  const remains = new Remains();
  const marks = Array.from({ length: 300 }, newMark);
  for (const mark of marks) remains.add(mark);
  expect(remains.left).toEqual(marks.slice(-256));
  remains.forget(marks.slice(0, 299));
  expect(remains.left).toEqual(marks.slice(299));
  // What any server takes as one argument (Linux: 128 KiB).
  expect(endMarked(marks.slice(-256)).length).toBeLessThan(128 * 1024);
});
