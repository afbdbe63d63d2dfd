import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import { NO_CHRONOS, NO_CONCIERGE, NO_HASH, NO_VM, VSHD_LATE } from './pitfalls.ts';
import { SIGNED_IN, VM_RUNNING } from './requirements.ts';
import { START_VM } from './steps.ts';

const NEEDS = [SIGNED_IN, VM_RUNNING];

const NO_TERMINAL: Pitfall = {
  symptom: 'No prompt, or vsh answers but nothing is drawn.',
  remedy: 'ssh gave no terminal: -t was left out, or this shell has none itself.',
};

const UNKNOWN_FLAG: Pitfall = {
  symptom: "vsh: ERROR: unknown command line flag '…'",
  remedy: 'Before the -- everything with a dash is a flag of vsh. Put -- before the command that is meant for the VM.',
};

export const terminaShell: Sheet = {
  id: 'termina-shell',
  title: 'Open a shell in termina',
  summary:
    'A shell in the VM itself, where lxc, the kernel and the daemons are. The Terminal app only reaches the container.',
  guideSections: ['Termina'],
  kind: 'choice',
  steps: [
    {
      ...START_VM,
      onlyIf: 'The VM is not running.',
      why: 'vsh does not start a VM. Opening the Terminal app on the device does the same as this.',
    },
    {
      id: 'root',
      title: 'As root',
      place: 'outside',
      command:
        'ssh {device} -t -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf }}',
      interactive: true,
      why: 'The two assignments are not a command: vsh passes them on as environment, so that lxc finds its daemon, and starts a login shell.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command: 'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- id -un }}',
          expect: 'root',
          matches: '^root$',
        },
      ],
      pitfalls: [NO_VM, NO_HASH, NO_CONCIERGE, VSHD_LATE, NO_TERMINAL, UNKNOWN_FLAG],
      errata: ['e21-lxd-environment', 'e23-root-needs-test-image'],
    },
    {
      id: 'chronos',
      title: 'As chronos',
      place: 'outside',
      command:
        'ssh {device} -t -- {{ vsh --vm_name={vm} --owner_id={ownerHash} -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf }}',
      interactive: true,
      why: 'Without --user=root it is chronos, the unprivileged user of the VM. It may use lxc too.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command: 'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} -- id -un }}',
          expect: 'chronos',
          matches: '^chronos$',
        },
      ],
      pitfalls: [NO_VM, NO_HASH, NO_CONCIERGE, VSHD_LATE, NO_CHRONOS],
      errata: ['e08-user-root'],
    },
    {
      id: 'one-command',
      title: 'A single command, without a shell',
      place: 'outside',
      command:
        'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc list }}',
      why: 'What follows the assignments is executed as it stands, by no shell: for a pipe, a * or && write sh -c and the line in quotes. Its exit status comes back.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc list --format=csv -c ns }}',
          expect: 'The containers with their state, such as penguin,RUNNING.',
          matches: '^[A-Za-z][A-Za-z0-9-]*,(?:RUNNING|STOPPED|FROZEN)$',
        },
      ],
      pitfalls: [
        NO_VM,
        UNKNOWN_FLAG,
        {
          symptom: 'Status 1 and no message.',
          remedy: 'The VM has no such command. vshd says so in the log of the VM: Failed to exec.',
        },
      ],
    },
  ],
};
