import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestDevice } from '../../device/start.ts';

/** The device that a list of assertions is about, and the tier it is of. */
export interface StandInsUnderTest {
  readonly device: () => TestDevice;
  readonly tier: 1 | 2;
}

export const HASH = '5c990f446325244d42d5919b06dcd2615e74cbfc';
export const VSH = `vsh --vm_name=termina --owner_id=${HASH}`;
export const CONSOLE = `/run/daemon-store/crosvm/${HASH}/log/dGVybWluYQ==.log`;
export const RETRIEVE =
  'dbus-send --system --dest=org.chromium.SessionManager --print-reply --type=method_call /org/chromium/SessionManager org.chromium.SessionManagerInterface.';

/** Runs a command through ssh with a stdin of the test's. */
export async function pipe(device: TestDevice, input: string | null, command: string) {
  const child = spawn('ssh', [...device.sshOptions, `${device.user}@${device.host}`, command], { stdio: 'pipe' });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  if (input !== null) child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  child.stdin.end();
  return { code, stdout };
}

/** Runs a command through ssh on a terminal of the device's; resolves with its code and what the terminal showed. */
export async function onTerminal(device: TestDevice, command: string): Promise<{ code: number; text: string }> {
  const child = spawn('ssh', [...device.sshOptions, '-tt', `${device.user}@${device.host}`, command], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const [code] = (await once(child, 'close')) as [number];
  child.stdin.end();
  return { code, text };
}
