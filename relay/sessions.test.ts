import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sessions } from './sessions.ts';

const HOUR = 60 * 60_000;
let folder: string;
let file: string;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  folder = mkdtempSync(join(tmpdir(), 'sessions-'));
  file = join(folder, 'sessions.json');
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

const fail = (error: unknown): never => {
  throw error;
};
/** Signs in with a link of its own. */
function signIn(sessions: Sessions) {
  const session = sessions.exchange(sessions.newToken().token);
  if (!session) throw new Error('a new link signs in');
  return session;
}

describe('the file', () => {
  it('that cannot be read is set aside, and said to be', () => {
    writeFileSync(file, '{bad', { mode: 0o600 });
    const aside: string[] = [];
    const sessions = new Sessions(file, fail, undefined, (path) => aside.push(path));
    expect(aside).toEqual([`${file}.broken`]);
    expect(readFileSync(`${file}.broken`, 'utf8')).toBe('{bad');
    expect(signIn(sessions).principal).toMatch(/^\w+$/);
  });
});

describe('a sign-in', () => {
  it('that is used between any two of 32 others stays, and the least used goes', () => {
    const sessions = new Sessions(file, fail);
    const used = signIn(sessions);
    const unused = signIn(sessions);
    for (let count = 0; count < 32; count++) {
      signIn(sessions);
      expect(sessions.principalOf(used.secret), `after ${count + 1}`).toBe(used.principal);
    }
    expect(sessions.principalOf(unused.secret)).toBeUndefined();
    // A relay that is started again knows who was used last.
    sessions.close();
    const again = new Sessions(file, fail);
    for (let count = 0; count < 31; count++) signIn(again);
    expect(again.principalOf(used.secret)).toBe(used.principal);
  });

  it('whose page has a socket open is in use, and says nothing', () => {
    const connected = new Set<string>();
    const sessions = new Sessions(file, fail, (principal) => connected.has(principal));
    const typing = signIn(sessions);
    connected.add(typing.principal);
    const forgotten = Array.from({ length: 40 }, () => signIn(sessions).forgotten).flat();
    expect(forgotten).toHaveLength(9);
    expect(forgotten).not.toContain(typing.principal);
    vi.setSystemTime(Date.now() + 31 * 24 * HOUR);
    expect(sessions.principalOf(typing.secret)).toBe(typing.principal);
    connected.clear();
    vi.setSystemTime(Date.now() + 31 * 24 * HOUR);
    expect(sessions.principalOf(typing.secret)).toBeUndefined();
  });

  it('is kept in use in memory, and written at most hourly and at the end', () => {
    const sessions = new Sessions(file, fail);
    const { secret, principal } = signIn(sessions);
    const usedInFile = () => (JSON.parse(readFileSync(file, 'utf8')) as { used: number }[])[0]?.used;
    const signedInAt = usedInFile();
    const { ino } = statSync(file);
    for (let minute = 1; minute < 60; minute++) {
      vi.setSystemTime(Date.now() + 60_000);
      sessions.principalOf(secret);
    }
    expect(statSync(file).ino).toBe(ino);
    vi.setSystemTime(Date.now() + 60_000);
    sessions.principalOf(secret);
    expect(usedInFile()).toBe((signedInAt ?? 0) + HOUR);
    // A clock that was set back keeps nothing from being written.
    vi.setSystemTime(Date.now() - 5 * HOUR);
    sessions.principalOf(secret);
    expect(usedInFile()).toBe(Date.now());
    vi.setSystemTime(Date.now() + 1);
    sessions.use(principal);
    sessions.close();
    expect(usedInFile()).toBe(Date.now());
  });

  it('that was ended is unknown at once and after a restart; a disk that did not take it is told, and tried again', () => {
    const errors: unknown[] = [];
    const sessions = new Sessions(file, (error) => errors.push(error));
    const [mine, other] = [signIn(sessions), signIn(sessions)];
    expect(sessions.others(mine.principal)).toEqual([other.principal]);
    expect(sessions.remove([other.principal])).toBe(true);
    expect([sessions.principalOf(other.secret), sessions.has(other.principal)]).toEqual([undefined, false]);
    expect(new Sessions(file, fail).principalOf(other.secret)).toBeUndefined();

    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'no folder');
    expect(sessions.remove([mine.principal])).toBe(false);
    expect(sessions.principalOf(mine.secret)).toBeUndefined();
    expect(errors).toHaveLength(1);
    rmSync(folder);
    sessions.close();
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual([]);
  });
});

describe('links', () => {
  it('of which eight are unused work once each; the ninth voids the oldest, and says so', () => {
    const sessions = new Sessions(file, fail);
    const links = Array.from({ length: 9 }, () => sessions.newToken());
    expect(links.map(({ voided }) => voided)).toEqual([...Array<boolean>(8).fill(false), true]);
    const [oldest, ...others] = links.map(({ token }) => token);
    expect(sessions.exchange(oldest ?? '')).toBeUndefined();
    for (const token of others.toReversed()) {
      expect(sessions.exchange(token)).toBeDefined();
      expect(sessions.exchange(token)).toBeUndefined();
    }
    expect(sessions.newToken().voided).toBe(false);
  });
});
