import { beforeAll, expect, it } from 'vitest';
import { buildApp } from '../../relay/prepare.mjs';
import { jsonOf } from '../bench/print.mjs';
import { type Sizes, measureRelay } from '../bench/relay.ts';

/** Next to nothing: that every number is found, not how large it is. */
const TINY: Sizes = {
  rounds: 1,
  keys: 10,
  idleTerminals: 9,
  execBytes: 4 * 2 ** 20,
  ptyBytes: 2 ** 20,
  stalls: 1,
  stallMs: 100,
  bulkBytes: 50_000_000,
  memoryRounds: 1,
  peers: 'none',
};

// `npm test` has built it; a test that is run alone does it here.
beforeAll(() => buildApp({ silent: true }), 120_000);

it('finds every number of the table, and says what it ran on', async () => {
  const report = jsonOf('relay', await measureRelay(TINY));
  const numbers = Object.fromEntries(Object.entries(report).filter(([, value]) => typeof value === 'number'));
  const anyNumber = expect.any(Number) as number;
  expect(numbers).toEqual({
    exec_wall_ratio: anyNumber,
    exec_cpu_ratio: anyNumber,
    pty_wall_ratio: anyNumber,
    key_p50_extra_ms: anyNumber,
    key_p99_flood_ms: anyNumber,
    stall_rss_mb: anyNumber,
    ctrl_c_backlog_mb: anyNumber,
    idle_terminal_kb: anyNumber,
    bulk_rss_mb: anyNumber,
  });
  expect(report).toMatchObject({
    problems: [],
    machine: { cores: anyNumber },
    notes: ['no peers'],
    peers: {},
    versions: {},
  });
  // A flood stood still for a moment: no more of it was on its way than the windows let in.
  expect(numbers['ctrl_c_backlog_mb']).toBeLessThan(2);
});
