import { expect, it } from 'vitest';
import { resolveParameters } from '../resolve.ts';
import type { Parameter, Sheet } from '../sheet.ts';
import { exportName } from './export-name.ts';

const rest = { label: '', help: '', example: '', variable: '' };
const PARAMETERS: readonly Parameter[] = [
  { ...rest, id: 'board', type: 'board' },
  { ...rest, id: 'guestBoard', type: 'guestBoard' },
];

const sheet = (command: string): Sheet => ({
  id: 'full-image',
  title: '',
  summary: '',
  guideSections: [],
  kind: 'sequence',
  steps: [{ id: 's', title: '', place: 'outside', command, why: '' }],
});

const nameOf = (command: string, typed: Record<string, string>): string =>
  exportName({ sheet: sheet(command), values: resolveParameters(PARAMETERS, { facts: {}, typed }) });

it('names the board that the commands are for, the guest before the device', () => {
  const known = { board: 'eve', guestBoard: 'tatl' };
  expect(nameOf('build {board}', known)).toBe('full-image-eve');
  expect(nameOf('build {board} {guestBoard}', known)).toBe('full-image-tatl');
  expect(nameOf('build', known)).toBe('full-image');
});

it('names no board that is missing or wrong: the name of a file holds no hostile text', () => {
  expect(nameOf('build {board}', {})).toBe('full-image');
  expect(nameOf('build {board}', { board: '../../etc/passwd' })).toBe('full-image');
});
