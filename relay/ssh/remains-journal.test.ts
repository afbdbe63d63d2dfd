import { spawnSync } from 'node:child_process';
import {
  chmodSync,
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
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LIFE, hasEnded, ownLife } from './relay-life.ts';
import { RemainsJournal } from './remains-journal.ts';
import { newMark } from './remains.ts';

let state: string;
let logged: string[];

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'journal-'));
  logged = [];
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(state, { recursive: true, force: true });
});

const open = (): RemainsJournal => new RemainsJournal(state, (_level, fields) => logged.push(JSON.stringify(fields)));
const files = (): string[] => readdirSync(state).toSorted();
const textOf = (name: string | undefined): string => readFileSync(join(state, name ?? ''), 'utf8');

/** A process that has ended, as a relay of this machine would be named. */
function ended(): string {
  const { pid } = spawnSync('true');
  return ownLife().replace(/\d+\.\d+$/, `${pid}.1`);
}

function leave(life: string, text: string, index = 0): string {
  const name = `remains-${life}.${String(index).padStart(8, '0')}.log`;
  writeFileSync(join(state, name), text, { mode: 0o600 });
  return name;
}

describe('whether a relay lives', () => {
  const own = ownLife();
  const [machine, boot, namespaces, pid, start] = own.split('.') as [string, string, string, string, string];
  const other = '0'.repeat(16);

  it.each([
    ['this process', own, false],
    ['another process that runs', [machine, boot, namespaces, 1, startTimeOf(1)].join('.'), false],
    ['another one with this number, before', [machine, boot, namespaces, pid, Number(start) - 1].join('.'), true],
    ['one of this machine before it started anew', [machine, other, namespaces, pid, start].join('.'), true],
    ['one of another machine', [other, other, namespaces, pid, start].join('.'), false],
    ['one in another container', [machine, boot, '1-1', pid, Number(start) - 1].join('.'), false],
  ])('%s', (_title, life, gone) => {
    expect(life).toMatch(LIFE);
    expect(hasEnded(life)).toBe(gone);
  });

  it('one that has ended', () => expect(hasEnded(ended())).toBe(true));

  function startTimeOf(process: number): string {
    return readFileSync(`/proc/${process}/stat`, 'utf8').split(') ')[1]?.split(' ')[19] ?? '';
  }
});

describe('the journal', () => {
  it('gives what ended relays left, by target and once, and keeps it until it is gone', () => {
    const [one, two, three, gone] = [newMark(), newMark(), newMark(), newMark()];
    leave(ended(), `+ ${one} dut\n+ ${gone} dut\n- ${gone}\n+ ${two} other\n`);
    leave(ended(), `+ ${three} dut\nnonsense; rm -rf /\n+ ${newMark()} dut; true\n+ ${newMark()}`, 1);
    const journal = open();
    expect(files()).toHaveLength(1);
    expect(journal.takeLeft('dut').toSorted()).toEqual([one, three].toSorted());
    expect(journal.takeLeft('dut')).toEqual([]);
    expect(textOf(files()[0]).match(/^\+ /gm)).toHaveLength(3);
    journal.end([one, three]);
    expect(journal.takeLeft('other')).toEqual([two]);
    journal.end([two]);
    journal.close();
    expect(files()).toEqual([]);
  });

  it('leaves alone what it cannot judge, until nobody has written to it for long', () => {
    const life = ownLife().replace(/^.*?\..*?\./, `${'0'.repeat(16)}.${'1'.repeat(16)}.`);
    const foreign = leave(life, `+ ${newMark()} dut\n`);
    const living = leave(ownLife(), `+ ${newMark()} dut\n`, 1);
    const journal = open();
    expect(journal.takeLeft('dut')).toEqual([]);
    expect(files()).toEqual([foreign, living].toSorted());
    const long = Date.now() / 1000 - 40 * 24 * 60 * 60;
    utimesSync(join(state, foreign), long, long);
    open();
    expect(files()).toEqual([living]);
  });

  it('has each start and each end, and stays small however many there are', () => {
    const journal = open();
    const kept = newMark();
    journal.start(kept, 'dut');
    let largest = 0;
    for (let count = 0; count < 5_000; count++) {
      const mark = newMark();
      journal.start(mark, 'dut');
      journal.end([mark]);
      largest = Math.max(largest, statSync(join(state, files()[0] ?? '')).size);
    }
    expect(largest).toBeGreaterThan(32 * 1024);
    expect(largest).toBeLessThanOrEqual(65 * 1024);
    expect(textOf(files()[0])).toMatch(new RegExp(`^\\+ ${kept} dut\n`));
    journal.close();
    expect(files()).toHaveLength(1);
  });

  it('notes no more marks than its bound, and none in another’s file', () => {
    const journal = open();
    for (let count = 0; count < 8_300; count++) journal.start(newMark(), 'dut');
    expect(textOf(files()[0]).match(/^\+ /gm)).toHaveLength(8_192);
    const second = open();
    second.start(newMark(), 'dut');
    expect(files()).toHaveLength(2);
    for (const name of files()) expect(statSync(join(state, name)).mode & 0o777).toBe(0o600);
  });

  it('that cannot be written says so once, stops nothing, and catches up', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const journal = open();
    const [one, two] = [newMark(), newMark()];
    chmodSync(state, 0o777);
    journal.start(one, 'dut');
    journal.start(two, 'dut');
    journal.end([one]);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('chmod go-w');
    expect(files()).toEqual([]);
    chmodSync(state, 0o700);
    // The disk is not asked for each command.
    journal.start(newMark(), 'soon');
    expect(files()).toEqual([]);
    vi.advanceTimersByTime(2_000);
    const three = newMark();
    journal.start(three, 'dut');
    expect(textOf(files()[0])).toMatch(new RegExp(`^\\+ ${two} dut\n\\+ [\\w-]+ soon\n\\+ ${three} dut\n$`));
    chmodSync(state, 0o777);
    journal.close();
  });

  it('that nobody may read stays, and the others are taken over', () => {
    const mark = newMark();
    const unreadable = leave(ended(), `+ ${newMark()} dut\n`);
    chmodSync(join(state, unreadable), 0o666);
    leave(ended(), `+ ${mark} dut\n`, 1);
    expect(open().takeLeft('dut')).toEqual([mark]);
    expect(files()).toContain(unreadable);
    expect(logged).toHaveLength(1);
  });
});
