import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditEvent, REDACT, createAudit } from './audit.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-'));
  file = join(folder, 'state', 'audit.log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

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
    const audit = createAudit(file, fail);
    audit.record(event(1));
    audit.close();
    expect(linesOf(file)).toMatchObject([{ ...event(1), time: expect.stringMatching(/^\d{4}-.*Z$/) as string }]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('goes on where it was, and takes back what others were allowed to read', () => {
    const before = createAudit(file, fail);
    before.record(event(1));
    before.close();
    chmodSync(file, 0o644);
    const audit = createAudit(file, fail);
    audit.record(event(2));
    audit.close();
    expect(linesOf(file)).toMatchObject([event(1), event(2)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never grows beyond its bound and one predecessor, and loses only the oldest lines', () => {
    const max = 2000;
    const audit = createAudit(file, fail, max);
    for (let channel = 0; channel < 100; channel++) audit.record(event(channel));
    audit.close();
    expect(readdirSync(join(folder, 'state')).toSorted()).toEqual(['audit.log', 'audit.log.1']);
    for (const path of [file, `${file}.1`]) expect(statSync(path).size).toBeLessThanOrEqual(max);
    const kept = [...linesOf(`${file}.1`), ...linesOf(file)].map((line) => 'channel' in line && line.channel);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, index) => 100 - kept.length + index));
    expect(kept.length).toBeGreaterThan(10);
  });

  it('that cannot become its predecessor goes on, without a gap, and says so', () => {
    const errors: unknown[] = [];
    mkdirSync(join(`${file}.1`, 'in the way'), { recursive: true });
    const audit = createAudit(file, (error) => errors.push(error), 2000);
    for (let channel = 0; channel < 40; channel++) audit.record(event(channel));
    audit.close();
    expect(linesOf(file).map((line) => 'channel' in line && line.channel)).toEqual([...Array(40).keys()]);
    expect(errors.length).toBeGreaterThan(0);
  });

  it('that cannot be written is reported, and ends nothing', () => {
    const errors: unknown[] = [];
    writeFileSync(join(folder, 'state'), 'no folder');
    const audit = createAudit(file, (error) => errors.push(error));
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
