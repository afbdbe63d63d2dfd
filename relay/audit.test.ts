import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AuditEvent, REDACT, createAudit } from './audit.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  file = join(folder, 'state', 'audit.log');
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const fail = (error: unknown): never => {
  throw error;
};
const linesOf = (path: string): AuditEvent[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as AuditEvent);
const event = (channel: number): AuditEvent => ({ event: 'end', channel, how: 'exit', code: 0, signal: null });

describe('the audit log', () => {
  it('has a JSON object per line, with its time, for its owner only', () => {
    const audit = createAudit({ destination: file, onError: fail });
    audit.record(event(1));
    audit.close();
    expect(linesOf(file)).toMatchObject([{ ...event(1), time: expect.stringMatching(/^\d{4}-.*Z$/) as string }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('goes on where it was, and takes back what others were allowed to read', () => {
    const before = createAudit({ destination: file, onError: fail });
    before.record(event(1));
    before.close();
    chmodSync(file, 0o644);
    const audit = createAudit({ destination: file, onError: fail });
    audit.record(event(2));
    audit.close();
    expect(linesOf(file)).toMatchObject([event(1), event(2)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('bounds every field, and writes what a device wrote as visible ASCII', () => {
    const audit = createAudit({ destination: file, onError: fail });
    const long = '\u0007"\\\u202e'.repeat(10_000);
    const principal = 'f'.repeat(16);
    const named = { principal, target: long, address: long };
    audit.record({ event: 'open', ...named, channel: 9_999_999, what: 'terminal', to: long });
    audit.record({ event: 'resume', principal, channel: 9_999_999 });
    audit.record({ event: 'end', channel: 9_999_999, how: 'no-common-algorithm', code: 4_294_967_295, signal: long });
    audit.record({ event: 'host-key-trusted', ...named, fingerprint: long });
    audit.record({ event: 'sign-in-refused', peer: long });
    audit.close();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    // What the arithmetic beside MAX_BYTES in audit.ts counts with.
    const [open = '', resume = '', end = '', setting = '', refused = ''] = lines;
    expect(open.length).toBeLessThanOrEqual(600);
    expect(resume.length).toBeLessThanOrEqual(180);
    expect(end.length).toBeLessThanOrEqual(240);
    expect(setting.length).toBeLessThanOrEqual(600);
    expect(refused.length).toBeLessThanOrEqual(260);
    expect(linesOf(file)[2]).toMatchObject({ signal: expect.stringMatching(/^\?+\.\.\.$/) as string });
  });

  it('tells the first resume of a channel at once, and the others together', () => {
    let now = Date.parse('2026-11-30T12:00:00Z');
    const audit = createAudit({ destination: file, onError: fail, clock: () => now });
    const resume = (principal: string, channel: number, times: number): void => {
      for (let time = 0; time < times; time++) audit.record({ event: 'resume', principal, channel });
    };
    resume('a', 1, 500);
    now += 60_000;
    resume('a', 1, 1);
    resume('a', 1, 3);
    audit.record(event(1));
    resume('a', 1, 2);
    audit.forget(1);
    audit.forget(2);
    audit.close();
    expect(linesOf(file)).toMatchObject([
      { event: 'resume', principal: 'a', channel: 1, count: 1 },
      { event: 'resume', channel: 1, count: 500 },
      { event: 'end', channel: 1, resumes: 3 },
      { event: 'resume', principal: 'a', channel: 1, count: 2 },
    ]);
  });

  it('gives a principal a bounded number of lines for resumes, takes none from others, and loses no count', () => {
    let now = Date.parse('2026-11-30T00:00:00Z');
    const audit = createAudit({ destination: file, onError: fail, clock: () => now });
    // A day of 48 channels that are taken over again and again.
    for (let minute = 0; minute < 24 * 60; minute++, now += 60_000)
      for (let channel = 0; channel < 48; channel++) audit.record({ event: 'resume', principal: 'a', channel });
    now -= 60_000;
    audit.record({ event: 'resume', principal: 'b', channel: 48 });
    for (let channel = 0; channel < 48; channel++) audit.record(event(channel));
    audit.close();
    const lines = linesOf(file);
    const told = lines.filter((line) => line.event === 'resume');
    expect(told.filter(({ principal }) => principal === 'a').length).toBeLessThanOrEqual(2000);
    expect(told.at(-1)).toMatchObject({ principal: 'b', count: 1 });
    const sum = lines.reduce(
      (count, line) =>
        count + (line.event === 'resume' ? (line.count ?? 0) : line.event === 'end' ? (line.resumes ?? 0) : 0),
      0,
    );
    expect(sum).toBe(24 * 60 * 48 + 1);
  });

  it('tells refused sign-ins by their peer: the first at once, then a line a minute at most, and none is lost', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const audit = createAudit({ destination: file, onError: fail });
    const refuse = (peer: string, times: number): void => {
      for (let time = 0; time < times; time++) audit.record({ event: 'sign-in-refused', peer });
    };
    refuse('192.0.2.1', 20_000);
    refuse('192.0.2.2', 1);
    vi.advanceTimersByTime(60_000);
    // A network of them: they are counted, but not each for itself.
    for (let last = 3; last < 203; last++) refuse(`192.0.2.${last}`, 10);
    vi.advanceTimersByTime(60_000);
    refuse('192.0.2.2', 5);
    audit.close();
    const lines = linesOf(file).flatMap((line) => (line.event === 'sign-in-refused' ? [line] : []));
    expect(lines.slice(0, 3)).toMatchObject([
      { peer: '192.0.2.1', count: 1 },
      { peer: '192.0.2.2', count: 1 },
      { peer: '192.0.2.1', count: 19_999 },
    ]);
    expect(lines.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(20_006 + 2000);
    expect(lines.length).toBeLessThan(50);
    expect(lines.some(({ peer, count = 0 }) => peer === 'others' && count > 1000)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that cannot be written is reported, and ends nothing', () => {
    const errors: unknown[] = [];
    writeFileSync(join(folder, 'state'), 'no folder');
    const audit = createAudit({ destination: file, onError: (error) => errors.push(error) });
    audit.record(event(1));
    audit.close();
    expect(errors).toHaveLength(1);
  });
});

it('no log of the relay shows a field that has a secret by its name', () => {
  let text = '';
  const log = pino({ redact: REDACT }, { write: (line: string) => (text += line) });
  const secrets = Object.fromEntries(REDACT.filter((path) => !path.includes('*')).map((name) => [name, 'hunter2']));
  log.error({ ...secrets, inner: secrets, err: { ...secrets, inner: secrets } }, 'failed');
  expect(text).toContain('[Redacted]');
  expect(text).not.toContain('hunter2');
});
