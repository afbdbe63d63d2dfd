import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Collector, sourceOf } from '../io.ts';
import { Machine } from '../machine/machine.ts';
import { needsMore } from '../terminal/continuation.ts';
import { createWorlds } from '../worlds/worlds.ts';
import { Shell } from './shell.ts';

/** Pieces that make scripts which are nearly right: those reach further than random characters. */
const pieces = [
  'echo a', 'cat', 'sleep 0', 'tail -n 1 /etc/lsb-release', '|', '&&', '||', ';', '&', '(', ')', '{', '}', '\n', 'if true', 'then', 'fi', 'for i in 1 2',
  'do', 'done', 'while read x', 'case x in', 'esac', '<<E', 'E', '"', "'", '`', '$(', '$x', '${x', '>/tmp/f', '2>&1', '<', '!', 'f()', 'f', 'wait', 'kill $!',
  'jobs', 'break', 'vsh --cid=32 --', 'sh -c', 'head -c 1', 'yes', 'set -e', 'exit 3', '\\', '#', '=', 'x=1', '%', '\u00e9', '[[ -c', ']]',
]; // prettier-ignore

test('no text makes a shell reject, or go on after it was told to end', async () => {
  const machine = new Machine({ arch: 'x86_64', now: () => new Date(), random: Math.random });
  machine.bringUp();
  const { device } = await createWorlds(machine);
  const [user] = device.users;
  if (!user) throw new Error('no user');
  const script = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((words) => words.join(' '));
  await fc.assert(
    fc.asyncProperty(script, async (source) => {
      const shell = new Shell({ world: device, user, terminal: null });
      const end = new AbortController();
      const output = new Collector(1024 * 1024);
      const timer = setTimeout(() => end.abort('KILL'), 200);
      const io = { stdin: sourceOf('one\ntwo\n'), stdout: output, stderr: output };
      const status = await shell.executeAll(source, io, end.signal);
      clearTimeout(timer);
      shell.jobs.endAll('KILL');
      expect(status).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 150, interruptAfterTimeLimit: 8000 },
  );
});

test('needsMore knows whole lines from others, and never fails', () => {
  for (const whole of [
    '',
    'echo "a b"',
    "echo 'a'",
    'if a; then b; fi',
    'echo if for',
    'cat <<E\nx\nE',
    'a # "',
    'f() { x; }',
    'case x in a) b;; esac',
    'echo $((1+2)) $(ls)',
    'x="$(echo ")")"',
    'echo \\"',
  ]) {
    expect([whole, needsMore(whole)]).toEqual([whole, false]);
  }
  for (const part of [
    'echo "a',
    "echo 'a",
    'if a; then',
    'a |',
    'a &&',
    'cat <<E',
    'cat <<E\nx',
    'f() {',
    'echo $(',
    'for i in 1; do x',
    'echo \\',
    '(a',
    'while read x',
  ]) {
    expect([part, needsMore(part)]).toEqual([part, true]);
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof needsMore(text) === 'boolean'));
});
