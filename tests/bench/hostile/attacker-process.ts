import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../../../relay/prepare.mjs';
import type { HonestDevice, HostileCase, Outcome } from './case.ts';
import type { FromAttacker, ToAttacker } from './messages.ts';
import type { RelayProcess } from './relay-process.ts';

/** How long it may take to tidy up, in ms. */
const LEAVES_MS = 3_000;

/** An attacker in a process of its own: what it costs must not delay what is measured here. */
export interface AttackerProcess {
  /** Resolves when it has prepared everything. Rejects when it cannot. */
  readonly prepared: Promise<void>;
  /** What became of it, after `go`. Rejects when it failed. */
  readonly over: Promise<Outcome>;
  go(): void;
  stop(): Promise<void>;
}

/** @param directory for what it leaves lying about */
export function startAttacker(options: {
  readonly of: HostileCase;
  readonly relay: RelayProcess;
  readonly device: HonestDevice;
  readonly seed: number;
  readonly seconds: number;
  readonly patience: number;
  readonly directory: string;
}): AttackerProcess {
  const { of, relay, device, seed, seconds, patience, directory } = options;
  // A session of its own: see hostile-attacker.ts.
  const child = fork(join(ROOT, 'build', 'bench', 'hostile-attacker.js'), [], {
    detached: true,
    env: { ...process.env, TMPDIR: directory },
  });
  const exited = once(child, 'exit');
  const tell = (message: ToAttacker): void => {
    if (child.connected) child.send(message);
  };
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (onReady = resolve));
  const over = new Promise<Outcome>((resolve, reject) => {
    child.on('message', (message: FromAttacker) => {
      if (message.type === 'ready') onReady();
      else if (message.type === 'over') resolve(message.outcome);
      else if (message.type === 'failed') reject(new Error(message.reason));
      else relay.newLink().then((link) => tell({ type: 'link', link: link.href }), reject);
    });
    child.on('error', reject);
    void exited.then(([code, signal]) => reject(new Error(`the attacker ended with ${code ?? signal}`)));
  });
  over.catch(() => undefined);
  const { origin, port, root, state } = relay;
  const { address, keyFile } = device;
  tell({
    ...{ type: 'start', id: of.id, seed, seconds, patience },
    ...{ relay: { origin, port, root, state }, device: { address, keyFile } },
  });
  return {
    prepared: Promise.race([ready, over.then(() => undefined)]),
    over,
    go: () => tell({ type: 'go' }),
    stop: async () => {
      tell({ type: 'stop' });
      const timer = setTimeout(() => child.kill('SIGKILL'), LEAVES_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
