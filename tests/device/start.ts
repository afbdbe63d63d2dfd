import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type DeviceConfig, defaultConfig } from './config.ts';
import { act } from './control.ts';
import { type Ran, run } from './run.ts';
import { ROOT, deviceFiles, readRecord } from './state.ts';

/** A device that a test holds. It ends with the test's process, however that ends. */
export interface TestDevice {
  readonly name: string;
  readonly config: DeviceConfig;
  /** Who logs in. */
  readonly user: string;
  readonly host: string;
  readonly port: number;
  /** `user@host:port`. */
  readonly address: string;
  /** A private key that may log in as root. */
  readonly keyFile: string;
  /** Its present host key, as known_hosts has it. */
  readonly knownHostsLine: () => string;
  /** Does an action of `npm run device`, and returns what it says. Throws if it could not be done. */
  readonly act: (action: string, ...args: string[]) => Promise<string>;
  /** Options of an OpenSSH client that reaches it; `user@host` is to follow. */
  readonly sshOptions: readonly string[];
  /** A command on it through the real ssh, without a terminal. */
  readonly ssh: (command: string) => Promise<Ran>;
  /** Ends it and removes everything of it. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

let started = 0;

/** Boots a device, signed in, without a VM. Throws with its log if it does not come up. */
export async function startDevice(
  tier: 1 | 2,
  variant: Partial<Omit<DeviceConfig, 'tier' | 'name'>> = {},
): Promise<TestDevice> {
  const name = `test-${process.pid}-${++started}`;
  const config: DeviceConfig = { ...defaultConfig(name, tier), ...variant };
  const keeper = spawn(process.execPath, [join(ROOT, 'build/device/cli.mjs'), 'keep', JSON.stringify(config)], {
    // Its stdin ends with this process, and the device with its stdin.
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, DEVICE_OWNED: '1' },
  });
  let errors = '';
  keeper.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exited = once(keeper, 'exit');
  const [line] = (await Promise.race([once(createInterface({ input: keeper.stdout }), 'line'), exited])) as unknown[];
  const record = readRecord(name);
  if (line !== 'up' || !record) throw new Error(`The device did not start: ${errors}`);
  const files = deviceFiles(name);
  const sshOptions = [
    ...['-F', 'none', '-i', files.key, '-o', 'IdentitiesOnly=yes', '-o', `UserKnownHostsFile=${files.knownHosts}`],
    ...['-o', 'GlobalKnownHostsFile=none', '-o', 'LogLevel=ERROR', '-p', String(record.port)],
  ];
  return {
    name,
    config,
    host: record.host,
    port: record.port,
    user: record.user,
    address: `${record.user}@${record.host}:${record.port}`,
    keyFile: files.key,
    knownHostsLine: () => readFileSync(files.knownHosts, 'utf8'),
    act: async (action, ...args) => {
      const answer = await act(name, action, args);
      if (!answer.ok) throw new Error(`${action}: ${answer.error}\n${errors}`);
      return answer.text;
    },
    sshOptions,
    ssh: (command) => run(['ssh', ...sshOptions, '-n', `${record.user}@${record.host}`, command]),
    stop: async () => {
      keeper.stdin.end();
      await exited;
    },
  };
}
