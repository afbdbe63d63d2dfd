import type { Shell } from '../domain/shell.ts';

/** The terminals on offer, from the device inwards. */
export const SHELLS: readonly Shell[] = [
  {
    id: 'device',
    label: 'Device',
    place: 'device',
    command: null,
    help: 'root on the device, as ssh gives it: host services, logs, vmc.',
  },
  {
    id: 'termina',
    label: 'Termina as root',
    place: 'termina',
    // LXD_* alone after `--` is environment for a login shell, and lets lxc find its daemon (errata e21).
    command:
      'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf',
    help: 'root in the VM, with lxc set up: daemons, kernel, containers from outside.',
  },
  {
    id: 'termina-chronos',
    label: 'Termina as chronos',
    place: 'termina',
    command: 'vsh --vm_name={vm} --owner_id={ownerHash} -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf',
    help: 'The unprivileged user of the VM, as crosh gives it.',
  },
  {
    id: 'penguin',
    label: 'Penguin',
    place: 'penguin',
    // Not `vmc container`: it creates and changes the container on the way, and loses the shell's exit status
    // (chromeos-facts.md section 2.4). This is the vsh that it runs in the end.
    command:
      'vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf',
    help: 'The user of the container, as in the Terminal app; works on Baguette too. The container must be running.',
  },
];
