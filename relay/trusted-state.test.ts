import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareState } from './prepare-state.ts';
import { readJson, writeJson, writeWhole } from './state-file.ts';

/** State is trusted by its owner and mode: a file or folder of somebody else, or writable by others, is refused. */

const ROOT = process.getuid?.() === 0;
const STRANGER = 47_118;

let folder: string;
let state: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trusted-'));
  state = join(folder, 'state');
  mkdirSync(state, { mode: 0o700 });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inState = (name: string): string => join(state, name);
const plant = (path: string, mode = 0o600): string => {
  writeFileSync(path, '[]', { mode });
  chmodSync(path, mode);
  return path;
};
const refuses = (path: string, command: string): void =>
  expect(() => prepareState(state, undefined)).toThrow(
    new RegExp(`^The relay does not trust ${path}: .*; .* "${command} ${path}"\\.$`),
  );

const FILES = [
  'sessions.json',
  'targets.json',
  'practice-host-keys.json',
  'known_hosts',
  'audit.log',
  'audit.log.1',
  `remains-${'0'.repeat(16)}.log`,
];

describe.each(FILES)('%s', (name) => {
  it.each([0o602, 0o620, 0o666])('writable by others (%i) is refused', (mode) => {
    refuses(plant(inState(name), mode), 'chmod go-w');
  });

  it.runIf(ROOT)('of somebody else is refused', () => {
    chownSync(plant(inState(name)), STRANGER, STRANGER);
    refuses(inState(name), 'chown 0');
  });

  it('that others can only read is none of their doing', () => {
    plant(inState(name), 0o644);
    prepareState(state, undefined);
  });
});

describe('the state directory', () => {
  it.each([0o777, 0o770, 0o707, 0o1777])('writable by others (%i) is refused', (mode) => {
    chmodSync(state, mode);
    refuses(state, 'chmod go-w');
  });

  it.runIf(ROOT)('of somebody else is refused', () => {
    chownSync(state, STRANGER, STRANGER);
    refuses(state, 'chown 0');
  });

  it('below a folder that everybody can write to is refused, unless that is sticky', () => {
    chmodSync(folder, 0o757);
    expect(() => prepareState(state, undefined)).toThrow(`chmod o-w ${folder}`);
    chmodSync(folder, 0o1777);
    prepareState(state, undefined);
    // A home folder of a user private group.
    chmodSync(folder, 0o770);
    prepareState(state, undefined);
  });

  it.runIf(ROOT)("below somebody else's folder, or behind their link, is refused", () => {
    const above = join(folder, 'above');
    mkdirSync(above);
    chownSync(above, STRANGER, STRANGER);
    expect(() => prepareState(join(above, 'state'), undefined)).toThrow(/above: it belongs to uid 47118/);
    const link = join(folder, 'link');
    symlinkSync(state, link);
    prepareState(link, undefined);
    lchownSync(link, STRANGER, STRANGER);
    expect(() => prepareState(link, undefined)).toThrow(/link: it belongs to uid 47118/);
    expect(() => prepareState(join(link, 'below'), undefined)).toThrow(/link: it belongs to uid 47118/);
  });

  it('behind links is judged where it really is', () => {
    const real = join(folder, 'real');
    mkdirSync(join(real, 'state'), { recursive: true });
    symlinkSync(real, join(folder, 'link'));
    prepareState(join(folder, 'link', 'state'), undefined);
    chmodSync(real, 0o777);
    expect(() => prepareState(join(folder, 'link', 'state'), undefined)).toThrow(`chmod o-w ${real}`);
    chmodSync(real, 0o700);
    // Links within links, and a circle of them.
    symlinkSync('other', join(folder, 'one'));
    symlinkSync('one', join(folder, 'other'));
    expect(() => prepareState(join(folder, 'one', 'state'), undefined)).toThrow(/one cannot be used, because/);
  });

  it('is made with what is above it, for its owner only', () => {
    const deep = join(folder, 'a', 'b');
    prepareState(deep, undefined);
    expect(statSync(deep).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
  });

  it('loses drafts of relays that were killed, and no fresh one', () => {
    const [old, fresh] = [plant(inState('sessions.json.1.new')), plant(inState('sessions.json.2.new'))];
    utimesSync(old, 1, 1);
    prepareState(state, '-');
    expect(readdirSync(state)).toEqual(['sessions.json.2.new']);
    expect(statSync(fresh).size).toBe(2);
  });
});

describe('a link', () => {
  it('in place of a file is neither read nor written through', () => {
    const precious = plant(join(folder, 'precious'));
    for (const name of ['sessions.json', 'audit.log']) symlinkSync(precious, inState(name));
    expect(() => readJson(inState('sessions.json'), v.unknown())).toThrow(/sessions\.json cannot be read, .* a link/);
    expect(() => prepareState(state, undefined)).toThrow(/audit\.log cannot be written, .* a link/);
    writeJson(inState('sessions.json'), ['new']);
    expect(readFileSync(precious, 'utf8')).toBe('[]');
  });

  it('in place of a draft leads nowhere', () => {
    const precious = plant(join(folder, 'precious'));
    symlinkSync(precious, inState(`sessions.json.${process.pid}.new`));
    writeJson(inState('sessions.json'), ['new']);
    expect(readFileSync(precious, 'utf8')).toBe('[]');
    expect(readJson(inState('sessions.json'), v.unknown())).toEqual(['new']);
  });

  it('of known_hosts is followed to a file that is trusted as any other', () => {
    const dotfiles = join(folder, 'dotfiles');
    mkdirSync(dotfiles);
    symlinkSync(plant(join(dotfiles, 'hosts')), inState('known_hosts'));
    prepareState(state, undefined);
    chmodSync(join(dotfiles, 'hosts'), 0o664);
    refuses(join(dotfiles, 'hosts'), 'chmod go-w');
    chmodSync(join(dotfiles, 'hosts'), 0o600);
    chmodSync(dotfiles, 0o775);
    refuses(dotfiles, 'chmod go-w');
  });
});

describe('a file that is written whole', () => {
  it('is its owner’s only, whatever was there before', () => {
    plant(inState('open.html'), 0o644);
    writeWhole(inState('open.html'), 'secret');
    expect(statSync(inState('open.html')).mode & 0o777).toBe(0o600);
  });

  it('leaves no draft where it cannot be, and says why', () => {
    mkdirSync(join(inState('targets.json'), 'in the way'), { recursive: true });
    expect(() => writeJson(inState('targets.json'), [])).toThrow(/targets\.json cannot be written, because .* folder/);
    expect(readdirSync(state)).toEqual(['targets.json']);
  });
});
