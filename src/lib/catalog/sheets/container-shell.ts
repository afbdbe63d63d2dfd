import type { Sheet } from '../../domain/sheet.ts';
import { CONTAINER_VM_STOPPED, GARCON_SILENT, NO_CONTAINER, NO_VM } from './pitfalls.ts';
import { CONTAINER_RUNNING, SIGNED_IN, VM_RUNNING } from './requirements.ts';

export const containerShell: Sheet = {
  id: 'container-shell',
  title: 'Open a shell in the container',
  summary: 'What the Terminal app shows, from the workstation: as its user, as root, or for one command.',
  guideSections: ['Container'],
  kind: 'choice',
  steps: [
    {
      id: 'vsh',
      title: 'Of a container that runs',
      place: 'outside',
      command:
        'ssh {device} -t -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf }}',
      interactive: true,
      why: 'A login shell as the user of the container. It changes nothing on the way, and gives back the exit status of the shell. Works for a Baguette too, which answers to penguin.',
      requires: [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING],
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- id -u }}',
          expect: '1000: its user, whatever the name is.',
          matches: '^1000$',
        },
      ],
      pitfalls: [NO_CONTAINER, CONTAINER_VM_STOPPED, GARCON_SILENT],
    },
    {
      id: 'vmc',
      title: 'Of a container that may not run yet',
      place: 'outside',
      command: 'ssh {device} -t -- {{ CROS_USER_ID_HASH={ownerHash} vmc container {vm} {container} }}',
      interactive: true,
      why: 'Starts the container, makes it if there is none, sets its user up, then opens the same shell. It does not start the VM, and drops the exit status of the shell.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- id -u }}',
          expect: '1000: the container runs and has its user.',
          matches: '^1000$',
        },
      ],
      pitfalls: [
        {
          symptom:
            'operation `container_create` failed: failed to create container: `UNKNOWN`: requested VM does not exist: …',
          remedy: 'The VM is not running. Start it with vmc start --no-shell.',
        },
        {
          symptom: 'expected CROS_USER_ID_HASH environment variable',
          remedy: 'An older image, and the assignment in front is missing or empty.',
        },
        {
          symptom: 'It makes a container that nobody wanted.',
          remedy: 'The name was mistyped. Remove it with lxc delete in a shell in termina.',
        },
      ],
      errata: ['e20-user-id-hash', 'e46-vmc-container'],
    },
    {
      id: 'root',
      title: 'As root',
      place: 'outside',
      command:
        'ssh {device} -t -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc exec {container} -- bash -l }}',
      interactive: true,
      onlyIf: 'sudo in the container does not do: because it is broken, or its user is.',
      why: 'vsh gives no root in a container; LXD does, from outside. Not for a Baguette, which has no LXD.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc exec {container} -- id -un }}',
          expect: 'root',
          matches: '^root$',
        },
      ],
      pitfalls: [
        NO_VM,
        {
          symptom: 'cannot change to user: root',
          remedy: 'So vsh answers to --user=root together with --target_container. Use this step, or sudo.',
        },
        { symptom: 'Error: Instance not found', remedy: 'No container has this name: lxc list shows them.' },
      ],
      errata: ['e23-root-needs-test-image'],
    },
    {
      id: 'one-command',
      title: 'A single command, without a shell',
      place: 'outside',
      command:
        'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- cat /etc/os-release }}',
      why: 'What follows the -- is executed as it stands, by no shell. Its exit status and its two outputs come back apart.',
      requires: [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING],
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- cat /etc/os-release }}',
          expect: 'The Debian of the container.',
          matches: '^ID=debian$',
        },
      ],
      pitfalls: [NO_CONTAINER, CONTAINER_VM_STOPPED],
    },
  ],
};
