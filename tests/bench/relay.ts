import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sshd, startSshd } from '../integration/sshd.ts';
import { ROOT } from '../../relay/prepare.mjs';
import { typeKeys, typeKeysUnderFlood } from './relay/keys.ts';
import { download, idleTerminals, stallUnderFlood, upload } from './relay/memory.ts';
import { opensshWay } from './relay/openssh.ts';
import { type RelayServer, relayWay, startRelay } from './relay/server.ts';
import type { Way } from './relay/session.ts';
import { median, quantile, rounded } from './relay/statistics.ts';
import { type Sample, type StreamCost, stream } from './relay/streams.ts';
import { WETTY_VERSION, startWetty } from './relay/wetty.ts';
import type { Report, Row } from './report.ts';

/** What is found, by its key in the JSON: what it must reach, and what is reached for. Lower is better, everywhere. */
const AIMS = {
  exec_wall_ratio: { name: '256 MiB without a terminal: time, of ssh’s', unit: '', must: 1.3, reach: 1.0 },
  exec_cpu_ratio: { name: '256 MiB without a terminal: CPU, of ssh’s', unit: '', must: 2.0, reach: 1.5 },
  pty_wall_ratio: { name: '32 MiB through a terminal: time, of ssh -tt’s', unit: '', must: 1.1, reach: 0.9 },
  key_p50_extra_ms: { name: 'a key and its echo: median beyond ssh -tt’s', unit: 'ms', must: 0.4, reach: 0.15 },
  key_p99_flood_ms: { name: 'a key beside a stream of 20 MB/s: p99', unit: 'ms', must: 8, reach: 5 },
  stall_rss_mb: { name: 'a reader that stalls 10 s: memory', unit: 'MB', must: 4, reach: 1 },
  ctrl_c_backlog_mb: { name: 'after Ctrl-C still arrive', unit: 'MB', must: 4.5, reach: 1 },
  idle_terminal_kb: { name: 'idle terminals: memory of one', unit: 'kB', must: 200, reach: 80 },
  bulk_rss_mb: { name: '10 GB down and up: memory', unit: 'MB', must: 16, reach: 4 },
} as const;

/** Of the numbers in the JSON. */
export type Key = keyof typeof AIMS;

/** Channels of the relay under test: 500 terminals and some, of one principal, who has three quarters of them. */
const CHANNELS = 704;

/** How much of everything. Bytes, unless said otherwise. */
export interface Sizes {
  readonly rounds: number;
  /** Of each round. */
  readonly keys: number;
  readonly idleTerminals: number;
  readonly execBytes: number;
  readonly ptyBytes: number;
  readonly stalls: number;
  readonly stallMs: number;
  /** Each way; 0 leaves it out. */
  readonly bulkBytes: number;
  /** Of what takes memory and stays: terminals and bulk, each round on a relay that has just started. */
  readonly memoryRounds: number;
  /** Whether what is compared may be installed, may only be used if it is there, or is left out. */
  readonly peers: 'install' | 'use' | 'none';
}

const FULL: Sizes = {
  rounds: 7,
  keys: 400,
  idleTerminals: 500,
  execBytes: 256 * 2 ** 20,
  ptyBytes: 32 * 2 ** 20,
  stalls: 5,
  stallMs: 10_000,
  bulkBytes: 10_000_000_000,
  memoryRounds: 5,
  peers: 'install',
};

const QUICK: Sizes = {
  ...FULL,
  rounds: 3,
  keys: 200,
  idleTerminals: 160,
  stalls: 1,
  bulkBytes: 0,
  memoryRounds: 1,
  peers: 'use',
};

interface Samples {
  readonly exec: { readonly ssh: StreamCost[]; readonly relay: StreamCost[] };
  readonly pty: Record<string, StreamCost[]>;
  /** Medians and 99th percentiles of each round, in ms. */
  readonly keys: Record<string, { p50: number; p99: number }[]>;
  readonly flood: { p50: number; p99: number }[];
}

/**
 * What the relay costs, beside the system's `ssh` and wetty. All of them are measured in turns, in the same minutes,
 * against one private sshd; what is compared comes from the same round, and the median of the rounds counts.
 */
export default function relay({ quick }: { quick: boolean }): Promise<Report> {
  return measureRelay(quick ? QUICK : FULL);
}

/** As `relay`, for sizes of one's own. @throws when bytes are lost, or something cannot be run */
export async function measureRelay(sizes: Sizes): Promise<Report> {
  const begun = performance.now();
  const say = (text: string): void =>
    void process.stderr.write(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${text}\n`);
  if (process.platform !== 'linux')
    return { title: TITLE, rows: [], problems: ['This benchmark reads /proc: it runs on Linux only.'] };
  // What it started ends with it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const directory = await mkdtemp(join(tmpdir(), 'bench-relay-'));
  const memory = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : directory, 'bench-relay-'));
  const sshd = await startSshd();
  const closers: (() => Promise<unknown>)[] = [
    () => sshd.stop(),
    ...[directory, memory].map((folder) => () => rm(folder, { recursive: true, force: true })),
  ];
  try {
    const start = (): Promise<RelayServer> => startRelay(sshd, directory, ['--channels', String(CHANNELS)]);
    const fresh = async (rounds: number, use: (server: RelayServer) => Promise<number>): Promise<number[]> => {
      const found: number[] = [];
      while (found.length < rounds) {
        const server = await start();
        found.push(await use(server).finally(() => server.stop()));
      }
      return found;
    };
    const { bulkBytes, idleTerminals: count, memoryRounds } = sizes;
    if (bulkBytes > 0) say(`${bulkBytes / 1e9} GB down and up, ${memoryRounds} times …`);
    const bulk = await fresh(bulkBytes > 0 ? memoryRounds : 0, async (server) =>
      Math.max(await download(server, bulkBytes), await upload(server, bulkBytes)),
    );
    say(`${count} idle terminals, ${memoryRounds} times …`);
    const idle = await fresh(memoryRounds - 1, (server) => idleTerminals(server, count));
    // The rest is measured on a relay that had them: one that has run for a while has more to sweep.
    const server = await start();
    closers.unshift(() => server.stop());
    idle.push(await idleTerminals(server, count));
    const wetty = sizes.peers === 'none' ? 'no peers' : await startWetty(sshd, sizes.peers === 'install', say);
    if (typeof wetty !== 'string') closers.unshift(() => wetty.stop());
    const peers = typeof wetty === 'string' ? [] : [wetty.way];
    const found = await measure({ sizes, sshd, server, peers, memory, say, kept: { idle, bulk } });
    const notes = typeof wetty === 'string' ? [wetty] : [];
    return {
      ...reportOf(found.values, found.samples, sizes),
      notes,
      extra: { ...found.extra, versions: versions(), notes },
    };
  } finally {
    for (const close of closers) await close();
  }
}

const TITLE = 'What the relay costs, beside ssh -c aes128-gcm@openssh.com and wetty';

async function measure(options: {
  readonly sizes: Sizes;
  readonly sshd: Sshd;
  readonly server: RelayServer;
  readonly peers: readonly Way[];
  readonly memory: string;
  readonly say: (text: string) => void;
  /** Bytes, of each round. */
  readonly kept: { readonly idle: readonly number[]; readonly bulk: readonly number[] };
}) {
  const { sizes, sshd, server, peers, memory, say, kept } = options;
  const { rounds, keys } = sizes;

  const ours = relayWay(server);
  const ssh = await opensshWay(sshd);
  const execSample = await makeSample(join(memory, 'exec'), sizes.execBytes);
  const ptySample = await makeSample(join(memory, 'pty'), sizes.ptyBytes);
  say('Hashes of what arrives …');
  // As long as a counted one: a relay that has run for a while is compiled, and that is what people have.
  for (const way of [ssh, ours, ours]) await stream(way, execSample, false, true);
  for (const way of [ssh, ours, ...peers]) await stream(way, ptySample, true, true);

  const samples: Samples = { exec: { ssh: [], relay: [] }, pty: {}, keys: {}, flood: [] };
  for (let round = 0; round < rounds; round++) {
    say(`Round ${round + 1} of ${rounds} …`);
    // Each goes first in every other round.
    const turn = <T>(list: readonly T[]): T[] => (round % 2 === 0 ? [...list] : list.toReversed());
    for (const name of turn(['ssh', 'relay'] as const))
      samples.exec[name].push(await stream(name === 'ssh' ? ssh : ours, execSample, false, false));
    for (const way of turn([ssh, ours, ...peers]))
      (samples.pty[way.name] ??= []).push(await stream(way, ptySample, true, false));
    for (const way of turn([ssh, ours, ...peers]))
      (samples.keys[way.name] ??= []).push(spreadOf(await typeKeys(way, keys)));
    samples.flood.push(spreadOf(await typeKeysUnderFlood(server, keys)));
  }
  const stalls = [];
  for (let round = 0; round < sizes.stalls; round++) {
    say(`A reader that stalls for ${sizes.stallMs / 1000} s …`);
    stalls.push(await stallUnderFlood(server, sizes.stallMs));
  }

  const ratio = (one: readonly number[], other: readonly number[]): number =>
    median(one.map((value, round) => value / (other[round] ?? NaN)));
  const walls = (costs: readonly StreamCost[] = []): number[] => costs.map(({ wall }) => wall);
  const cpus = (costs: readonly StreamCost[] = []): number[] => costs.map(({ cpu }) => cpu);
  const p50s = (name: string): number[] => (samples.keys[name] ?? []).map(({ p50 }) => p50);
  const values: Partial<Record<Key, number>> = {
    exec_wall_ratio: ratio(walls(samples.exec.relay), walls(samples.exec.ssh)),
    exec_cpu_ratio: ratio(cpus(samples.exec.relay), cpus(samples.exec.ssh)),
    pty_wall_ratio: ratio(walls(samples.pty['relay']), walls(samples.pty['ssh'])),
    key_p50_extra_ms: median(p50s('relay').map((p50, round) => p50 - (p50s('ssh')[round] ?? NaN))),
    key_p99_flood_ms: median(samples.flood.map(({ p99 }) => p99)),
    stall_rss_mb: median(stalls.map(({ growthMb }) => growthMb)),
    ctrl_c_backlog_mb: median(stalls.map(({ backlogMb }) => backlogMb)),
    idle_terminal_kb: median(kept.idle) / 1e3,
    ...(kept.bulk.length > 0 && { bulk_rss_mb: median(kept.bulk) / 1e6 }),
  };
  const peerValues = Object.fromEntries(
    peers.map(({ name }) => [
      name,
      {
        version: WETTY_VERSION,
        pty_wall_ratio: rounded(ratio(walls(samples.pty[name]), walls(samples.pty['ssh']))),
        pty_cpu_ratio: rounded(ratio(cpus(samples.pty[name]), cpus(samples.pty['ssh']))),
        pty_mb_per_s: rounded(sizes.ptyBytes / 1e6 / median(walls(samples.pty[name]))),
        key_p50_ms: rounded(median(p50s(name))),
        key_p50_extra_ms: rounded(median(p50s(name).map((p50, round) => p50 - (p50s('ssh')[round] ?? NaN)))),
      },
    ]),
  );
  return { values, samples, extra: { peers: peerValues, samples: { ...samples, stalls, ...kept } } };
}

function spreadOf(times: readonly number[]): { p50: number; p99: number } {
  return { p50: rounded(quantile(times, 0.5)), p99: rounded(quantile(times, 0.99)) };
}

/** Text as a log has it: no line is like another. Random bytes would be the same to every way here. */
async function makeSample(path: string, bytes: number): Promise<Sample> {
  const lines: string[] = [];
  for (let line = 0, length = 0; length < 2 ** 20; line++) {
    const text = `2026-11-23T12:00:00.${String(line).padStart(6, '0')}Z INFO vm_concierge[${1000 + (line % 97)}]: request ${line * 7919} took ${line % 41} ms\n`;
    lines.push(text);
    length += text.length;
  }
  const mebibyte = Buffer.from(lines.join('')).subarray(0, 2 ** 20);
  const content = Buffer.concat(Array.from({ length: bytes / mebibyte.length }, () => mebibyte));
  await writeFile(path, content);
  return { path, bytes: statSync(path).size, sha256: createHash('sha256').update(content).digest('hex') };
}

function reportOf(values: Partial<Record<Key, number>>, { keys, pty, exec }: Samples, sizes: Sizes): Report {
  const found = (Object.keys(AIMS) as Key[]).flatMap((key): Row[] => {
    const { name, unit, must, reach } = AIMS[key];
    const value = values[key];
    return value === undefined ? [] : [{ key, name, value: rounded(value), unit, aim: { must, reach } }];
  });
  const speed = (name: string, bytes: number, costs: readonly StreamCost[]): Row => ({
    name,
    value: rounded(bytes / 1e6 / median(costs.map(({ wall }) => wall))),
    unit: 'MB/s',
  });
  return {
    title: TITLE,
    rows: [
      ...found,
      ...(['ssh', 'relay'] as const).map((name) => speed(`without a terminal: ${name}`, sizes.execBytes, exec[name])),
      ...Object.entries(pty).map(([name, costs]) => speed(`through a terminal: ${name}`, sizes.ptyBytes, costs)),
      ...Object.entries(keys).map(([name, spreads]) => ({
        name: `a key and its echo: ${name}, median`,
        value: median(spreads.map(({ p50 }) => p50)),
        unit: 'ms',
      })),
    ],
    problems: [],
  };
}

/** Of what is measured, and what it is measured with. */
function versions(): Record<string, string> {
  const packageOf = (name: string): string =>
    (JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
  return {
    node: process.versions.node,
    ssh: execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim(),
    ssh2: packageOf('ssh2'),
    ws: packageOf('ws'),
    wetty: WETTY_VERSION,
  };
}
