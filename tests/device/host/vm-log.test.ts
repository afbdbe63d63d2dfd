import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { VmLog, decodeVmName, encodeVmName, formatRecord, makeStamper, rotateDaily, scrub } from './vm-log.ts';

describe('names (chromeos-facts.md section 3.1)', () => {
  it.each([
    ['termina', 'dGVybWluYQ=='],
    ['borealis', 'Ym9yZWFsaXM='],
    ['bru', 'YnJ1'],
    ['vm>>', 'dm0-Pg=='],
  ])('%s', (name, encoded) => {
    expect(encodeVmName(name)).toBe(encoded);
    expect(decodeVmName(encoded)).toBe(name);
  });
});

describe('records (chromeos-facts.md section 3.2)', () => {
  const at = (text: string, line = 'x', priority?: number) =>
    formatRecord(makeStamper('America/Los_Angeles')(new Date(text)), 32, Buffer.from(line), priority);

  it.each([
    ['2026-08-21T22:49:17Z', 'Aug 21 15:49:17 <13>  VM(32): x\n'],
    ['2026-08-03T07:00:00Z', 'Aug  3 00:00:00 <13>  VM(32): x\n'],
    ['2026-12-31T23:59:59Z', 'Dec 31 15:59:59 <13>  VM(32): x\n'],
  ])('%s, in the zone of the device', (time, record) => {
    expect(at(time)).toBe(record);
  });

  it('keep the severity that a guest gave', () => {
    expect(at('2026-08-21T22:49:17Z', 'y', 11)).toBe('Aug 21 15:49:17 <11>  VM(32): y\n');
  });

  it.each([
    ['an escape', Buffer.from('\u001b[31mred'), '#033[31mred'],
    ['a tab', Buffer.from('a\tb'), 'a#011b'],
    ['what is no UTF-8', Buffer.from([0x61, 0xff, 0x62]), 'a\ufffdb'],
    ['a long line', Buffer.from('x'.repeat(2000)), 'x'.repeat(1024)],
  ])('scrub %s', (_title, bytes, text) => {
    expect(scrub(bytes)).toBe(text);
  });

  it('have the time of their second, in whatever order the seconds come', () => {
    const stamp = makeStamper('UTC');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 })), (times) => {
        for (const time of times) {
          const date = new Date(time);
          expect(stamp(date)).toBe(`Jan  1 00:00:${String(date.getUTCSeconds()).padStart(2, '0')}`);
        }
      }),
    );
  });

  it('are one line, whatever the console says', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        const record = formatRecord(makeStamper('UTC')(new Date(0)), 3, Buffer.from(bytes));
        expect(record).toMatch(/^Jan {2}1 00:00:00 <13> {2}VM\(3\): [^\n]*\n$/);
      }),
    );
  });
});

describe('rotation (chromeos-facts.md section 3.1)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vm-log-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps five old files, oldest last, and no log until the next line', () => {
    const log = new VmLog(folder, 'UTC');
    for (let day = 1; day <= 8; day++) {
      log.write('termina', 32, [Buffer.from(`day ${day}`)]);
      log.rotate();
    }
    const base = 'dGVybWluYQ==.log';
    expect(readdirSync(folder).sort()).toEqual([1, 2, 3, 4, 5].map((number) => `${base}.${number}`));
    expect(readFileSync(join(folder, `${base}.1`), 'utf8')).toContain('day 8');
    expect(readFileSync(join(folder, `${base}.5`), 'utf8')).toContain('day 4');
    log.write('termina', 32, [Buffer.from('after')]);
    expect(statSync(join(folder, base)).mode & 0o777).toBe(0o640);
    log.close();
  });

  it('moves what has only old logs too, and nothing else', () => {
    mkdirSync(folder, { recursive: true });
    for (const name of ['YnJ1.log.2', 'YnJ1.log.5', 'other.txt', 'x.lsock']) writeFileSync(join(folder, name), name);
    new VmLog(folder, 'UTC').rotate();
    expect(readdirSync(folder).sort()).toEqual(['YnJ1.log.3', 'other.txt', 'x.lsock']);
    expect(readFileSync(join(folder, 'YnJ1.log.3'), 'utf8')).toBe('YnJ1.log.2');
  });

  it('comes a day after the forwarder starts, and not without it', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const rotate = vi.fn();
    const { started, ended } = rotateDaily(rotate);
    started();
    vi.advanceTimersByTime(24 * 3_600_000 - 1);
    expect(rotate).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(rotate).toHaveBeenCalledOnce();
    ended();
    vi.advanceTimersByTime(48 * 3_600_000);
    expect(rotate).toHaveBeenCalledOnce();
    started();
    vi.advanceTimersByTime(24 * 3_600_000);
    expect(rotate).toHaveBeenCalledTimes(2);
  });
});
