import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { renderTemplate, segmentsText } from '../../domain/template.ts';
import { PARAMETERS } from '../parameters.ts';
import { containerSsh } from './container-ssh.ts';

const root = mkdtempSync(join(tmpdir(), 'container-ssh-'));
afterAll(() => rmSync(root, { recursive: true }));

const folder = join(root, 'ssh');
const home = join(root, 'home');
mkdirSync(home);
writeFileSync(join(root, 'key.pub'), 'ssh-ed25519 AAAA mine\n');

/** Runs the undo of the step "key" in another directory than root's, through stand-ins for what leads there. */
function undoKey(): void {
  const { undo } = containerSsh.steps.find(({ id }) => id === 'key') ?? {};
  const valueOf = (id: string): string =>
    id === 'publicKey' ? join(root, 'key.pub') : (PARAMETERS.find((one) => one.id === id)?.example ?? '');
  const line = segmentsText(renderTemplate(undo?.command ?? '', valueOf)).replaceAll('/root/.ssh', folder);
  const standIns = `ssh() { shift 2; eval "$*"; }; sudo() { "$@"; }
    vsh() { while [ "$1" != -- ]; do shift; done; shift; "$@"; }`;
  spawnSync('bash', ['--norc', '-c', `${standIns}\n${line}`], { cwd: home });
}

it('the undo of the key takes out that key alone, and leaves other places alone', () => {
  writeFileSync(join(home, 'authorized_keys'), 'ssh-ed25519 BBBB of somebody else\n');
  undoKey();
  expect(existsSync(folder)).toBe(false);
  expect(readFileSync(join(home, 'authorized_keys'), 'utf8')).toBe('ssh-ed25519 BBBB of somebody else\n');
  expect(existsSync(join(home, 'kept'))).toBe(false);

  mkdirSync(folder);
  const keys = join(folder, 'authorized_keys');
  writeFileSync(keys, 'ssh-ed25519 AAAA mine\nssh-ed25519 CCCC another\n');
  undoKey();
  expect(readFileSync(keys, 'utf8')).toBe('ssh-ed25519 CCCC another\n');

  writeFileSync(keys, 'ssh-ed25519 AAAA mine\n');
  undoKey();
  expect(readFileSync(keys, 'utf8')).toBe('');
});

it('that everybody has the testing key is told before the command, not in a folded note', () => {
  expect(containerSsh.steps.find(({ id }) => id === 'key')?.warning).toContain('testing_rsa');
});
