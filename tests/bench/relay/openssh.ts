import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sshd } from '../../integration/sshd.ts';
import { cpuSeconds } from './process-cost.ts';
import type { Session, Way } from './session.ts';

/** The cipher that the relay takes first, too. */
export const CIPHER = 'aes128-gcm@openssh.com';

/** The system's `ssh` as one of the ways that are compared; its output comes through a pipe. */
export async function opensshWay(sshd: Sshd): Promise<Way> {
  const knownHosts = join(sshd.directory, 'known_hosts_of_the_client');
  await writeFile(knownHosts, sshd.knownHostsLine);
  const options = [
    ...['-F', 'none', '-e', 'none', '-c', CIPHER, '-i', sshd.keyFile, '-p', String(sshd.port)],
    ...[`UserKnownHostsFile=${knownHosts}`, 'IdentitiesOnly=yes', 'BatchMode=yes', 'LogLevel=ERROR'].flatMap(
      (option) => ['-o', option],
    ),
  ];
  const pids = new WeakMap<Session, number>();
  return {
    name: 'ssh',
    open: (command, pty) => {
      const args = [...options, pty ? '-tt' : '-T', `${sshd.user}@${sshd.host}`, command];
      const child = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'inherit'] });
      const session: Session = {
        onData: () => undefined,
        write: (bytes) => void child.stdin.write(bytes),
        ended: once(child, 'close').then(([code]) => {
          if (code !== 0) throw new Error(`ssh ended with ${code}`);
        }),
        close: async () => {
          child.kill();
          await session.ended.catch(() => undefined);
        },
      };
      session.ended.catch(() => undefined);
      child.stdin.on('error', () => undefined);
      child.stdout.on('data', (chunk: Buffer) => session.onData(chunk));
      pids.set(session, child.pid ?? 0);
      return Promise.resolve(session);
    },
    cpuSeconds: (session) => cpuSeconds(pids.get(session) ?? 0),
  };
}
