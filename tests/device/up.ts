import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as v from 'valibot';
import { act } from './control.ts';
import { ensureImage } from './image.ts';
import { Keeper } from './keeper.ts';
import { type Options, configOf, configSchema } from './options.ts';
import { addressOf, deviceFiles, makeDevicesDirectory, readRecord } from './state.ts';

/** Starts a keeper that outlives this command. Nothing of this command's own goes on with it. */
export async function up(name: string, options: Options): Promise<number> {
  const config = configOf(name, options);
  const begun = Date.now();
  if (config.tier === 2) await ensureImage((line) => console.log(line));
  makeDevicesDirectory();
  const { directory, keeperLog } = deviceFiles(config.name);
  // Read by what is open here: a device that could not be takes the name away with all else.
  const log = openSync(keeperLog, 'a+');
  const said = fstatSync(log).size;
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'keep', JSON.stringify(config)], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
  });
  if (!child.stdout) throw new Error('The output of a keeper is a pipe.');
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit'),
  ])) as unknown[];
  const record = readRecord(config.name);
  if (line !== 'up' || !record) {
    const complaint = Buffer.alloc(fstatSync(log).size - said);
    readSync(log, complaint, 0, complaint.length, said);
    console.error(complaint.toString('utf8').trim().split('\n').slice(-12).join('\n'));
    if (!existsSync(directory)) rmSync(keeperLog, { force: true });
    return 1;
  }
  child.stdout.destroy();
  child.unref();
  const vm = options.vm ? await act(config.name, 'vmc', ['start', '--no-shell', 'termina']) : null;
  const { key, knownHosts } = deviceFiles(config.name);
  const seconds = ((Date.now() - begun) / 1000).toFixed(1);
  const kind = config.plain
    ? "tier 1 without namespaces: no VM, and /etc, /var and uname -n are this machine's"
    : `tier ${config.tier}`;
  console.log(
    `${config.name} is up in ${seconds} s (${kind}): ${addressOf(record)}${config.plain ? '' : ', password test0000'}`,
  );
  console.log(`key ${key}, host key in ${knownHosts}`);
  if (!vm || vm.ok) return 0;
  console.error(`device: termina did not start: ${vm.error}`);
  return 1;
}

/** The keeper's process: from `up`, or owned by whoever holds the other end of its stdin. */
export async function keep(json: string): Promise<number> {
  const config = v.parse(v.pipe(v.string(), v.parseJson(), configSchema), json);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve());
    if (process.env['DEVICE_OWNED']) process.stdin.resume().on('end', resolve);
  });
  const keeper = await Keeper.start(config, config.tier === 2 ? await ensureImage(() => undefined) : null);
  console.log('up');
  await stopped;
  await keeper.close();
  process.exit(0);
}
