import { LogWriter } from './logs/log-writer.ts';
import { TEST_PASSWORD } from './machine/identity.ts';
import { Machine, type SessionState } from './machine/machine.ts';
import { startSshServer } from './ssh/server.ts';
import type { SessionRunner } from './ssh/session.ts';

export { generateHostKey } from './host-key.ts';

export interface PracticeOptions {
  readonly arch: 'x86_64' | 'aarch64';
  /** Private key, PEM or OpenSSH. */
  readonly hostKey: string;
  /** 0, the default: any free one. */
  readonly port?: number;
  /** Root's, which lets whoever has it in. Default: that of every test image, which everybody knows. */
  readonly password?: string;
  /** Mean gap between log lines. */
  readonly logIntervalMs?: number;
  readonly now?: () => Date;
  /** 0 ≤ x < 1. */
  readonly random?: () => number;
}

/** A running practice device. */
export interface PracticeDevice {
  readonly port: number;
  readonly password: string;
  /** Drops every connection; the device comes back with a new boot id and fresh logs. */
  reboot(): Promise<void>;
  /** Renames each log to its `.1` and starts a new one, as the daily jobs do. */
  rotateLogs(): void;
  /** Adds a line to /var/log/messages as it is. */
  appendLog(line: string): void;
  /** Signs the user in or out, or takes session_manager off the bus. */
  setSession(state: SessionState): void;
  close(): Promise<void>;
}

/** Time that a reboot takes; a real device needs half a minute. */
const REBOOT_MS = 400;

/**
 * Starts a simulated ChromeOS device with Crostini behind an SSH server on loopback. Nothing typed there reaches this
 * host: its files, processes and network are simulated.
 */
export async function startPracticeDevice(options: PracticeOptions): Promise<PracticeDevice> {
  const { arch, hostKey, port = 0, password = TEST_PASSWORD } = options;
  const now = options.now ?? (() => new Date());
  const machine = new Machine({ arch, now, random: options.random ?? Math.random });
  const { logs } = machine;
  const writer = new LogWriter(machine, logs, options.logIntervalMs ?? 1500);
  const started = now().getTime();
  logs.writeAt(machine.bootedAt, () => logs.writeBoot());
  logs.writeAt(new Date(started - 41 * 60_000), () => machine.bringUp());
  writer.writeHistory();
  writer.start();

  let up = true;
  let closed = false;
  let loading: Promise<SessionRunner> | null = null;
  const run: SessionRunner = async (request) => {
    // The simulation is loaded with the first session: see shell/just-bash.ts.
    loading ??= import('./simulation.ts').then(({ createRunner }) => createRunner(machine));
    return (await loading)(request);
  };
  const login = (text: string) => logs.message('INFO', `sshd[${String(machine.processes.nextPid())}]`, text);
  const server = await startSshServer({ hostKey, port, password }, run, {
    isUp: () => up,
    accepted: (method, address, port) => login(`Accepted ${method} for root from ${address} port ${String(port)} ssh2`),
    failed: (user, method, address, port) =>
      login(
        `Failed ${method} for ${user === 'root' ? '' : 'invalid user '}${user} from ${address} port ${String(port)} ssh2`,
      ),
    closed: (address, port) => login(`Connection closed by ${address} port ${String(port)}`),
  });

  const reboot = async () => {
    if (!up || closed) return;
    up = false;
    writer.stop();
    server.dropConnections();
    await new Promise<void>((resolve) => setTimeout(resolve, REBOOT_MS));
    if (closed) return;
    loading = null;
    machine.boot();
    machine.bringUp();
    up = true;
    writer.start();
  };
  machine.onReboot = () => void reboot();

  return {
    port: server.port,
    password,
    reboot,
    rotateLogs: () => logs.rotate(),
    appendLog: (line) => logs.messages.append(line.endsWith('\n') ? line : line + '\n'),
    setSession: (state) => (state === 'user' ? machine.signIn() : machine.signOut(state)),
    close: async () => {
      closed = true;
      writer.stop();
      machine.shutDown();
      await server.close();
    },
  };
}
