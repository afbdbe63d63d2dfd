import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { renderTemplate, segmentsText } from '../../domain/template.ts';
import { PARAMETERS } from '../parameters.ts';
import { SHEETS } from '../sheets.ts';

const directory = mkdtempSync(join(tmpdir(), 'copies-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('copies, through stand-ins for ssh and vsh', () => {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  // ssh joins its words and lets the remote shell read them; vsh executes its words as they are.
  writeFileSync(join(bin, 'ssh'), '#!/bin/bash\nshift 2; exec sh -c "$*"\n');
  writeFileSync(join(bin, 'vsh'), '#!/bin/bash\nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@"\n');
  for (const name of ['ssh', 'vsh']) chmodSync(join(bin, name), 0o755);

  const command = (name: string): string =>
    SHEETS.find(({ id }) => name.startsWith(`${id}/`))?.steps.find(({ id }) => name.endsWith(`/${id}`))?.command ?? '';
  const run = (name: string, file: string, destination: string): void => {
    const valueOf = (id: string): string =>
      ({ file, destination })[id] ?? PARAMETERS.find((one) => one.id === id)?.example ?? '';
    execFileSync('bash', ['--norc', '-c', segmentsText(renderTemplate(command(name), valueOf))], {
      env: { PATH: `${bin}:${process.env['PATH']}` },
    });
  };
  const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => index % 256));
  const names = [`it's a "file" $(x) & more.txt`, '-rf', '{} \\n'];

  it.each(['copy-termina/file-in', 'copy-termina/file-out', 'copy-penguin/file-in', 'copy-penguin/file-out'])(
    '%s carries any name and any bytes',
    (name) => {
      const file = join(directory, names[0] ?? '');
      const destination = join(directory, `${name.replace('/', ' ')} 'copy' \\n {}`);
      writeFileSync(file, bytes);
      run(name, file, destination);
      expect(readFileSync(destination).equals(bytes)).toBe(true);
    },
  );

  it.each([
    ...['copy-termina/directory-in', 'copy-termina/directory-out'],
    ...['copy-penguin/directory-in', 'copy-penguin/directory-out'],
  ])('%s carries any names and any bytes', (name) => {
    const folder = join(directory, `a 'folder' $(x) {}`);
    mkdirSync(join(folder, 'below'), { recursive: true });
    for (const each of names) writeFileSync(join(folder, 'below', each), bytes);
    const destination = join(directory, `${name.replace('/', ' ')} -copy`);
    run(name, folder, destination);
    for (const each of names) expect(readFileSync(join(destination, 'below', each)).equals(bytes)).toBe(true);
  });
});
