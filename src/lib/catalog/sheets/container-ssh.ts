import type { Requirement, Sheet } from '../../domain/sheet.ts';
import { NO_CONTAINER, SHELL_HANGS } from './pitfalls.ts';
import { CONTAINER_RUNNING, CONTAINER_SSH, SIGNED_IN, VM_RUNNING } from './requirements.ts';

const SSHD_RUNNING: Requirement = {
  text: 'sshd of the container listens on the port: the step "Restart sshd".',
  check: {
    place: 'penguin',
    command: 'ss -ltn sport = :{port}',
    expect: 'A line with LISTEN.',
    matches: '^LISTEN\\b',
  },
};

/**
 * The six steps of the guide. Files of their own (a drop-in, one line of authorized_keys) are added where the guide
 * edits a file, so that each can be taken back.
 */
export const containerSsh: Sheet = {
  id: 'container-ssh',
  title: 'SSH into the container',
  summary:
    'Once for each container: an sshd of its own, for ssh, scp, sshfs and remote debugging. Root login included.',
  guideSections: ['Container via SSH'],
  kind: 'sequence',
  steps: [
    {
      id: 'allow',
      title: 'Let sshd start',
      place: 'penguin',
      command: 'sudo rm -f /etc/ssh/sshd_not_to_be_run',
      why: 'The container comes with this file, and Debian’s sshd does not start while it is there.',
      requires: [CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: 'test -e /etc/ssh/sshd_not_to_be_run || echo gone',
          expect: 'gone',
          matches: '^gone$',
        },
      ],
      undo: { place: 'penguin', command: 'sudo touch /etc/ssh/sshd_not_to_be_run && sudo systemctl stop ssh' },
    },
    {
      id: 'key',
      title: 'Give your key to root of the container',
      place: 'outside',
      command:
        'cat -- {publicKey} | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sudo sh -c {{ umask 077; mkdir -p /root/.ssh && cat >> /root/.ssh/authorized_keys }} }}',
      why: 'The key comes from a file of yours, because the address in the guide is that of a web page. testing_rsa.pub serves gdb-BOARD, which uses its key.',
      warning:
        'The private half of testing_rsa is public: with that key, whoever reaches the port is root in the container. A key of your own is better, and the port should not be open to a network you share.',
      requires: [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: "sudo stat -c '%a %n' /root/.ssh /root/.ssh/authorized_keys",
          expect: '700 for the directory, 600 for the file.',
          matches: '^700 /root/\\.ssh\\n600 /root/\\.ssh/authorized_keys$',
        },
        {
          place: 'penguin',
          command: 'sudo ssh-keygen -l -f /root/.ssh/authorized_keys',
          expect:
            'The fingerprint of your key. Of testing_rsa it is SHA256:Fp1qWjFLyK1cTpiI5rdk7iEJwoK9lcnYAgbQtGC3jzU.',
          matches: '^\\d+ SHA256:\\S+ ',
        },
      ],
      pitfalls: [
        NO_CONTAINER,
        SHELL_HANGS,
        {
          symptom: 'is not a public key file.',
          remedy: 'The web page of the key was saved instead of the key. Take the file from the checkout.',
        },
      ],
      undo: {
        place: 'outside',
        command:
          'cat -- {publicKey} | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sudo sh -c {{ umask 077; cd /root/.ssh && \\{ grep -v -x -F -f - authorized_keys > kept; [ $? -le 1 ]; \\} && mv kept authorized_keys }} }}',
      },
      errata: ['e27-key-download', 'e32-sshd-permissions', 'e41-testing-key-is-public'],
    },
    {
      id: 'configure',
      title: 'Choose the port and allow root',
      place: 'penguin',
      command:
        "printf '%s\\n' Port\\ {port} 'PermitRootLogin prohibit-password' | sudo tee /etc/ssh/sshd_config.d/crostini.conf",
      why: '22 belongs to sshd of the device. A file of its own leaves sshd_config as it is and is read first, so it wins. prohibit-password lets root in with a key only, where the yes of the guide would also take a password.',
      checks: [
        {
          place: 'penguin',
          command: 'sudo mkdir -p /run/sshd; sudo /usr/sbin/sshd -T | grep -w -e port\\ {port} -e permitrootlogin',
          expect: 'port with yours, permitrootlogin without-password.',
          matches: '^port \\d+\\npermitrootlogin (?:without|prohibit)-password$',
        },
      ],
      pitfalls: [
        {
          symptom: 'The port is not yours, or there are two.',
          remedy: 'A Port line stands in sshd_config as well. Take it out: ports add up.',
        },
        {
          symptom: 'The port is 2222, and nobody gets through.',
          remedy: 'ChromeOS keeps 2222 for itself and tunnels it to no container. Choose another.',
        },
      ],
      undo: { place: 'penguin', command: 'sudo rm /etc/ssh/sshd_config.d/crostini.conf && sudo systemctl restart ssh' },
    },
    {
      id: 'restart-sshd',
      title: 'Restart sshd',
      place: 'penguin',
      command: 'sudo systemctl restart ssh',
      why: 'It reads its configuration when it starts. From now on it also starts with the container.',
      checks: [
        { place: 'penguin', command: 'systemctl is-active ssh', expect: 'active', matches: '^active$' },
        {
          place: 'penguin',
          command: 'ss -ltn sport = :{port}',
          expect: 'A line with LISTEN.',
          matches: '^LISTEN\\b',
        },
      ],
      pitfalls: [
        {
          symptom: 'inactive, and no error.',
          remedy: 'sshd_not_to_be_run is still there: its condition is not met, so systemd leaves it.',
        },
        {
          symptom: 'Job for ssh.service failed …',
          remedy: 'The configuration has a mistake: sudo sshd -t names the line.',
        },
        { symptom: 'Unit ssh.service not found.', remedy: 'sudo apt install openssh-server.' },
      ],
      undo: { place: 'penguin', command: 'sudo systemctl stop ssh' },
    },
    {
      id: 'forward',
      title: 'Open the port in Settings',
      place: 'device',
      command: 'iptables -t nat -S ingress_port_forwarding | grep -w -- {port}',
      onlyIf:
        'You want to reach it from the network, without a tunnel. The tunnel of the next step needs none of this.',
      why: 'By hand, on the device: Settings, Linux, Port forwarding, add the port as TCP and switch it on; it must be switched on again after every restart of the device. The command shows whether it is. With testing_rsa as the key this opens root of the container to the whole network.',
      requires: [SSHD_RUNNING],
      checks: [
        {
          place: 'device',
          command: 'iptables -t nat -S ingress_port_forwarding | grep -w -- {port}',
          expect: 'A rule for each network interface, to the address of the container.',
          matches: '^-A ingress_port_forwarding .*--dport \\d+ -j DNAT --to-destination [0-9.]+:\\d+$',
        },
        {
          place: 'outside',
          command: 'ssh -p {port} {device} -- hostname',
          expect: 'The name of the container.',
          matches: '^penguin$',
        },
      ],
      pitfalls: [
        {
          symptom: 'It worked yesterday: Connection refused.',
          remedy: 'The device was restarted: switch the port on again in Settings.',
        },
        {
          symptom: 'The device itself answers, not the container.',
          remedy: 'The port in the address of the device won. Write -p in front of it, as here.',
        },
      ],
    },
    {
      id: 'tunnel',
      title: 'Or tunnel through ssh of the device',
      place: 'outside',
      command: 'ssh -N -L {port}:{container}.linux.test:{port} {device}',
      interactive: true,
      onlyIf: 'Port forwarding is off. The tunnel keeps its terminal: open it in another than that of the next step.',
      why: 'Needs no port forwarding, opens nothing to the network, and goes wherever ssh to the device goes. It stays until Ctrl-C. The name is that of the container on the device; localhost there refuses everybody but Chrome. A port forward on the Device page does the same without a terminal.',
      requires: [SSHD_RUNNING],
      checks: [
        {
          place: 'outside',
          command: 'ssh -p {port} root@localhost -- hostname',
          expect: 'The name of the container.',
          matches: '^penguin$',
        },
      ],
      pitfalls: [
        {
          symptom: 'channel 2: open failed: connect failed: Name or service not known',
          remedy:
            'Only penguin in termina has the short name. Any other container is CONTAINER.VM.linux.test; or use its address, from lxc list.',
        },
        {
          symptom: 'bind [127.0.0.1]:…: Address already in use',
          remedy: 'Another tunnel has this port on the workstation, perhaps an older one of yours.',
        },
      ],
      errata: ['e42-tunnel-not-to-localhost'],
    },
    {
      id: 'connect',
      title: 'Log in',
      place: 'outside',
      command: 'ssh -p {port} root@localhost',
      interactive: true,
      onlyIf: 'The tunnel is open in another terminal.',
      why: 'Through the tunnel, as root of the container. scp takes the port as -P. With port forwarding instead, put the address of the device for localhost.',
      requires: [CONTAINER_SSH],
      checks: [
        {
          place: 'outside',
          command: 'ssh -p {port} root@localhost -- hostname',
          expect: 'The name of the container.',
          matches: '^penguin$',
        },
      ],
      pitfalls: [
        {
          symptom: 'Permission denied (publickey).',
          remedy:
            'ssh did not offer the key: add -i and the private half, or set IdentityFile for this host. Or the modes of ~root/.ssh are not 700 and 600.',
        },
        {
          symptom: 'REMOTE HOST IDENTIFICATION HAS CHANGED!',
          remedy:
            'localhost and this port meant another container before. Remove it with ssh-keygen -R "[localhost]:PORT".',
        },
      ],
    },
  ],
};
