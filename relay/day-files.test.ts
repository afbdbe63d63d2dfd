import fc from 'fast-check';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DayFiles } from './day-files.ts';

const DAY = 24 * 60 * 60_000;
const NOON = Date.parse('2026-11-30T12:00:00Z');

let folder: string;
let file: string;
let now: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'days-'));
  file = join(folder, 'audit.log');
  now = NOON;
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fail = (error: unknown): never => {
  throw error;
};
const open = (more: { days?: number; max?: number; path?: string; onError?: (error: unknown) => void } = {}) =>
  new DayFiles(more.path ?? file, { days: 30, max: 1e6, clock: () => now, onError: fail, ...more });
const inOrder = new Intl.Collator('en', { numeric: true });
const names = (): string[] => readdirSync(folder).toSorted(inOrder.compare);
const text = (name = 'audit.log'): string => readFileSync(join(folder, name), 'utf8');

describe('files of days', () => {
  it('turn over at midnight of UTC, for their owner only, and lose no line', () => {
    const files = open();
    files.append('one\n');
    now = Date.parse('2026-11-30T23:59:59.999Z');
    files.append('two\n');
    now += 1;
    files.append('three\n');
    files.close();
    expect(names()).toEqual(['audit.log', 'audit.log.2026-11-30']);
    expect([text('audit.log.2026-11-30'), text()]).toEqual(['one\ntwo\n', 'three\n']);
    for (const name of names()) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  it('turn over the file of an earlier day, of a relay that ended on it', () => {
    writeFileSync(file, 'before\n');
    utimesSync(file, NOON / 1000, (NOON - 3 * DAY) / 1000);
    const files = open();
    files.append('after\n');
    files.close();
    expect([text('audit.log.2026-11-27'), text()]).toEqual(['before\n', 'after\n']);
  });

  it('keep 30 days, whatever else is in the folder, and the file that older relays left counts as one', () => {
    for (const name of ['audit.log.1', 'audit.log.old', 'audit.log.2026-13', 'other.log.2026-01-01'])
      writeFileSync(join(folder, name), name);
    const files = open();
    for (let day = 0; day < 29; day++, now += DAY) files.append(`${day}\n`);
    expect(names()).toContain('audit.log.1');
    for (let day = 29; day < 40; day++, now += DAY) files.append(`${day}\n`);
    files.close();
    const kept = names().filter((name) => /^audit\.log(\.2026-\d\d-\d\d|\.2027-\d\d-\d\d)?$/.test(name));
    expect(kept).toHaveLength(30);
    expect(kept[1]).toBe('audit.log.2026-12-10');
    expect(names()).not.toContain('audit.log.1');
    expect(names()).toEqual(expect.arrayContaining(['audit.log.old', 'audit.log.2026-13', 'other.log.2026-01-01']));
  });

  it('stay below their bound of bytes: the oldest go, and what is left are the latest lines without a gap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 2000 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 150 }), fc.nat({ max: DAY })), { minLength: 1, maxLength: 80 }),
        (max, lines) => {
          rmSync(folder, { recursive: true });
          now = NOON;
          const files = open({ max });
          for (const [number, [length, pause]] of lines.entries()) {
            now += pause;
            files.append(`${number} ${'x'.repeat(length)}\n`);
            const sizes = names().map((name) => statSync(join(folder, name)).size);
            expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(max);
          }
          files.close();
          const written = [...names().filter((name) => name !== 'audit.log'), 'audit.log'];
          const kept = written.flatMap((name) => text(name).trimEnd().split('\n')).map((line) => parseInt(line));
          expect(kept).toEqual(kept.map((_, index) => lines.length - kept.length + index));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('lose a quarter of their bound at once, and not the whole of a day', () => {
    const files = open({ max: 4000 });
    for (let line = 0; line < 100; line++) files.append(`${String(line).padStart(99, '0')}\n`);
    files.close();
    const sizes = names().map((name) => statSync(join(folder, name)).size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(3000);
  });

  it('keep both files of a day that a clock which was set back comes to twice', () => {
    const files = open();
    files.append('one\n');
    now += DAY;
    files.append('two\n');
    now -= DAY;
    files.append('three\n');
    now += DAY;
    files.append('four\n');
    files.close();
    expect(names()).toEqual(['audit.log', 'audit.log.2026-11-30', 'audit.log.2026-11-30.2', 'audit.log.2026-12-01']);
    expect(text('audit.log.2026-11-30.2')).toBe('three\n');
  });

  it('of two relays that share them are turned over once, and neither loses a line', () => {
    const [first, second] = [open(), open()];
    first.append('a1\n');
    // The second one tells the day of what is there by the file's own time.
    utimesSync(join(folder, 'audit.log'), new Date(now), new Date(now));
    second.append('b1\n');
    now += DAY;
    first.append('a2\n');
    second.append('b2\n');
    first.close();
    second.close();
    expect([text('audit.log.2026-11-30'), text()]).toEqual(['a1\nb1\n', 'a2\nb2\n']);
  });

  it('that cannot be renamed go on in the old one, say so once a day, and lose nothing', () => {
    const errors: unknown[] = [];
    // The name of an earlier day would be too long.
    const path = join(folder, 'a'.repeat(250));
    const files = open({ path, onError: (error) => errors.push(error) });
    files.append('one\n');
    now += DAY;
    files.append('two\n');
    files.append('three\n');
    files.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\nthree\n');
    expect(errors).toEqual([expect.objectContaining({ code: 'ENAMETOOLONG' })]);
  });

  it('that cannot be removed are reported, and stop nothing', () => {
    const errors: unknown[] = [];
    mkdirSync(join(folder, 'audit.log.2026-11-01'));
    const files = open({ days: 2, onError: (error) => errors.push(error) });
    for (let day = 0; day < 3; day++, now += DAY) files.append(`${day}\n`);
    files.close();
    expect(text()).toBe('2\n');
    expect(errors.length).toBeGreaterThan(0);
  });
});
