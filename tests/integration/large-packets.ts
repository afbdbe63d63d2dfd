import type { CipherAlgorithm, MacAlgorithm } from 'ssh2';
import type { Transport } from '../../relay/transport.ts';
import { sshString } from '../../relay/ssh/wire.ts';
import { MESSAGE, sendRaw } from './raw-ssh.ts';
import { startSshServer } from './ssh-server.ts';
import { finish, problemOf, start } from './transport-rig.ts';

/** Every way in which the relay's client reads a packet. CBC is for a target that runs a very old image. */
export const MODES: readonly (readonly [CipherAlgorithm, MacAlgorithm])[] = [
  ['aes128-gcm@openssh.com', 'hmac-sha2-256'],
  ['aes256-gcm@openssh.com', 'hmac-sha2-256'],
  ['chacha20-poly1305@openssh.com', 'hmac-sha2-256'],
  ['aes128-ctr', 'hmac-sha2-256-etm@openssh.com'],
  ['aes128-ctr', 'hmac-sha2-512'],
  ['aes256-ctr', 'hmac-sha2-512-etm@openssh.com'],
  ['aes256-ctr', 'hmac-sha2-256'],
  ['aes128-cbc', 'hmac-sha1-etm@openssh.com'],
  ['aes256-cbc', 'hmac-sha1'],
];

/** Just above ssh2's own limit, what a paste brought, and the largest that OpenSSH takes, less head and padding. */
const SIZES = [35_001, 74_064, 256 * 1024 - 17];

/** Runs a command on a server that sends such packets before its output, and one of `more` bytes; gives how it ended. */
export async function runWithLargePackets(
  transport: Transport,
  [cipher, mac]: (typeof MODES)[number],
  more?: number,
): ReturnType<typeof finish> {
  const server = await startSshServer(
    (channel) => {
      for (const size of SIZES) {
        sendRaw(channel, MESSAGE.ignore, sshString(Buffer.alloc(size - 5, 'x')));
        channel.write(`after ${size}\n`);
      }
      if (more !== undefined) sendRaw(channel, MESSAGE.ignore, sshString(Buffer.alloc(more - 5)));
      channel.exit(0);
      channel.end();
    },
    { algorithms: { cipher: [cipher], hmac: [mac] } },
  );
  try {
    const target = { id: 'dut', address: server.address, oldAlgorithms: cipher.endsWith('cbc') };
    await trust(transport, target);
    return await finish(await start(transport, target, 'true'));
  } finally {
    await server.close();
  }
}

/** What the command says when all of them were taken. */
export const AFTER_ALL = SIZES.map((size) => `after ${size}\n`).join('');

/** Trusts the key that a server shows, as a person does who was asked. */
export async function trust(transport: Transport, target: Parameters<typeof problemOf>[1]): Promise<void> {
  const { hostKey } = await problemOf(transport, target);
  await transport.trustHostKey(target, hostKey?.offered.fingerprint ?? '');
}
