import type { Requirement, Sheet } from '../../domain/sheet.ts';
import { NO_CHRONOS } from './pitfalls.ts';
import { CONCIERGE_RUNNING, SIGNED_IN, TEST_IMAGE, TOOLS_DLC_DEPLOYED, VM_RUNNING } from './requirements.ts';

const IS_BAGUETTE: Requirement = {
  text: 'The VM is a Baguette: the first step.',
  check: {
    place: 'device',
    command: 'CROS_USER_ID_HASH={ownerHash} vmc list',
    expect: 'A line with (on disk VM type: baguette).',
    matches: '\\(on disk VM type: baguette\\)',
  },
};

/** chromeos-facts.md section 7.4. */
export const baguette: Sheet = {
  id: 'baguette',
  title: 'Work with a Baguette',
  summary:
    'A Baguette is a Debian that boots straight in the VM: garcon runs there, and there is no LXD, no tremplin and no container. What the other sheets do differently for it.',
  guideSections: [],
  kind: 'choice',
  steps: [
    {
      id: 'kind',
      title: 'See whether it is one',
      place: 'device',
      command: 'CROS_USER_ID_HASH={ownerHash} vmc list',
      why: 'It may be called termina all the same: the name does not tell, this list does.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'device',
          command: 'CROS_USER_ID_HASH={ownerHash} vmc list',
          expect: 'A line with (on disk VM type: baguette).',
          matches: '\\(on disk VM type: baguette\\)',
        },
      ],
      pitfalls: [
        {
          symptom: 'No line has a type.',
          remedy:
            'The image is from before 2025-07. cat /etc/os-release in a shell of the VM says Debian for a Baguette.',
        },
      ],
      errata: ['e31-baguette'],
    },
    {
      id: 'shell',
      title: 'Open a shell',
      place: 'outside',
      command: 'ssh {device} -t -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container=penguin }}',
      interactive: true,
      why: 'It answers to the name penguin, which cicerone makes up for it. A shell of the VM, without that, starts as chronos, and its user may have another name. For root use sudo.',
      requires: [SIGNED_IN, VM_RUNNING, IS_BAGUETTE],
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container=penguin -- id -u }}',
          expect: '1000: its user, whatever the name is.',
          matches: '^1000$',
        },
      ],
      pitfalls: [
        NO_CHRONOS,
        {
          symptom: 'lxc: command not found',
          remedy: 'There is no LXD. What was a container elsewhere is the VM itself here.',
        },
      ],
    },
    {
      id: 'deploy',
      title: 'Deploy guest tools',
      place: 'inside',
      command:
        '../../chromite/contrib/guestos/deploy_to_termina --board {guestBoard} {device} termina_container_tools --restart-services --dlc-ids termina-tools-dlc',
      why: 'Its tools, garcon and vshd among them, come from termina-tools-dlc; termina-dlc is not used. Build and collect them as the container-tools sheet says. Its system is Debian and is changed with apt.',
      requires: [TEST_IMAGE, SIGNED_IN, CONCIERGE_RUNNING],
      interrupts: 'Stops every running VM first: what is not saved in Linux apps is lost.',
      checks: [TOOLS_DLC_DEPLOYED],
      pitfalls: [
        {
          symptom: 'error: the following arguments are required: packages',
          remedy: '--dlc-ids takes every word after it. Put it last, as here.',
        },
        {
          symptom: 'You want the shipped tools back.',
          remedy:
            'Stop cros workon for the packages, build and collect them again as the container-tools sheet says, and deploy once more. Exactly what the device came with, only cros flash brings.',
        },
      ],
    },
    {
      id: 'log',
      title: 'Read its logs',
      place: 'penguin',
      command: 'sudo journalctl -b --no-pager',
      why: 'systemd is the first process, so the journal has everything, kernel included. What it printed before that is in vmc logs, under the name of the VM.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: 'sudo journalctl -b --no-pager -n 1 -o short-iso',
          expect: 'A line that starts with a time.',
          matches: '^\\d{4}-\\d\\d-\\d\\dT\\S+ \\S+ ',
        },
      ],
    },
    {
      id: 'copy',
      title: 'Copy a file into it',
      place: 'outside',
      command:
        'cat -- {file} | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container=penguin -- sh -c {{ cat > {destination} }} }}',
      why: 'As for a container. The directory of container files that the guide writes to does not exist: there is no LXD.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [
        {
          place: 'outside',
          command:
            'sha256sum < {file}; ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container=penguin -- sh -c {{ sha256sum < {destination} }} }}',
          expect: 'The same digits twice.',
          matches: '^([0-9a-f]{64}) .*\\n\\1 ',
        },
      ],
      undo: {
        place: 'outside',
        command:
          'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container=penguin -- rm -- {destination} }}',
      },
      errata: ['e37-copy-through-rootfs'],
    },
    {
      id: 'prefer',
      title: 'Have new VMs be Baguettes',
      place: 'device',
      command: 'vmc set-crostini-vm-type baguette',
      onlyIf: 'You want to try one and have none.',
      why: 'What Settings makes from now on is of this kind; VMs that exist stay what they are. Images since 2026-02-26 know the command.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'device',
          command: 'CROS_USER_ID_HASH={ownerHash} vmc list',
          expect: 'After Linux was set up again: a line with (on disk VM type: baguette).',
          matches: '\\(on disk VM type: baguette\\)',
        },
      ],
      pitfalls: [
        {
          symptom: 'Error: no such subcommand: `set-crostini-vm-type`',
          remedy: 'The image is older than the command. Use chrome://flags, or a newer image.',
        },
      ],
      undo: { place: 'device', command: 'vmc set-crostini-vm-type crostini' },
    },
  ],
};
