import type { ForwardPreset } from '../domain/forward-preset.ts';

/** Ports that the guide's work needs. The form takes any other as well. */
export const FORWARD_PRESETS: readonly ForwardPreset[] = [
  {
    id: 'gdbserver',
    label: 'gdbserver',
    host: 'localhost',
    port: '1234',
    use: 'gdb -ex {{ target remote {localHost}:{localPort} }}',
    help: 'On the device first: gdbserver :1234 --attach PID. For one in the container the host is penguin.linux.test.',
  },
  {
    id: 'container-sshd',
    label: 'sshd of the container',
    // Not localhost: there ChromeOS turns everybody but Chrome away (errata e42).
    host: '{container}.linux.test',
    port: '{port}',
    localPort: '{port}',
    use: 'ssh -p {localPort} root@{localHost}',
    help: 'The sheet "SSH into the container" sets it up. It needs no port forwarding in Settings.',
  },
];
