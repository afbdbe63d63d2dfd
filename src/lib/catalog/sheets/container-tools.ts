import type { Sheet } from '../../domain/sheet.ts';
import { UNDO_IS_OF_CHECKOUT } from './pitfalls.ts';
import {
  CONCIERGE_RUNNING,
  CONTAINER_RUNNING,
  GUEST_BOARD_SET_UP,
  GUEST_WORKON_CHECK,
  SIGNED_IN,
  TERMINA_DLC_DEPLOYED,
  TERMINA_INSTALLED,
  TEST_IMAGE,
  VM_RUNNING,
} from './requirements.ts';
import { START_CONTAINER, START_VM } from './steps.ts';

export const containerTools: Sheet = {
  id: 'container-tools',
  title: 'Change a ChromeOS tool of the container',
  summary:
    'For what the container gets from the Termina image under /opt/google/cros-containers: garcon, sommelier, vshd and the like.',
  guideSections: ['Container changes'],
  kind: 'sequence',
  steps: [
    {
      id: 'workon',
      title: 'Build from your source',
      place: 'outside',
      command: 'cros workon --board={guestBoard} start {packages...}',
      why: 'Until then the build takes finished packages instead of your checkout. garcon and vshd are in vm_guest_tools, sommelier is a package of its own.',
      requires: [GUEST_BOARD_SET_UP],
      checks: [GUEST_WORKON_CHECK],
      undo: { place: 'outside', command: 'cros workon --board={guestBoard} stop {packages...}' },
      errata: ['e26-built-and-run'],
    },
    {
      id: 'build',
      title: 'Build the package',
      place: 'outside',
      command: 'cros_sdk emerge-{guestBoard} {packages...}',
      why: 'Compiles your checkout for Termina, into the sysroot of the guest board. The container does not have it yet.',
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{guestBoard} {packages...}',
          expect: 'The files of the package, for example /usr/bin/sommelier.',
          matches: '^/(?:usr|etc|opt|bin|sbin|lib\\w*)/\\S+$',
        },
      ],
    },
    {
      id: 'collect',
      title: 'Collect it for the container',
      place: 'outside',
      command: 'cros_sdk emerge-{guestBoard} termina_container_tools',
      why: 'Copies the programs with their libraries to /opt/google/cros-containers, each with a wrapper that starts it through a loader of its own. The package cannot be worked on, and nothing rebuilds it by itself.',
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{guestBoard} termina_container_tools',
          expect: 'Your program twice: /opt/google/cros-containers/bin/NAME and NAME.elf.',
          matches: '^/opt/google/cros-containers/bin/\\S+\\.elf$',
        },
      ],
      pitfalls: [
        {
          symptom: 'The container keeps the old program, though the package was built and deployed.',
          remedy: 'This step was left out. deploy_to_termina takes the copies, not what they were copied from.',
        },
      ],
    },
    {
      id: 'deploy',
      title: 'Deploy the copies',
      place: 'inside',
      command:
        '../../chromite/contrib/guestos/deploy_to_termina --board {guestBoard} {device} termina_container_tools --restart-services',
      why: 'The copies live in an image of their own, which the VM shows to every container. The full-image sheet brings them to the device as well.',
      requires: [TEST_IMAGE, SIGNED_IN, CONCIERGE_RUNNING, TERMINA_INSTALLED],
      interrupts: 'Stops every running VM first: what is not saved in Linux apps is lost.',
      checks: [TERMINA_DLC_DEPLOYED],
      undo: {
        place: 'inside',
        command:
          'cros workon --board={guestBoard} stop {packages...}; emerge-{guestBoard} {packages...} && emerge-{guestBoard} termina_container_tools && ../../chromite/contrib/guestos/deploy_to_termina --board {guestBoard} {device} termina_container_tools --restart-services',
      },
      pitfalls: [
        {
          symptom: 'deploy_to_termina: No such file or directory',
          remedy: 'The path starts from ~/chromiumos/src/scripts, where a chroot shell opens. Go there first.',
        },
        UNDO_IS_OF_CHECKOUT,
        {
          symptom: 'The VM is a Baguette, and nothing changes.',
          remedy: 'Its tools come from termina-tools-dlc: add --dlc-ids termina-tools-dlc, as the last words.',
        },
      ],
      errata: ['e31-baguette'],
    },
    START_VM,
    START_CONTAINER,
    {
      id: 'see',
      title: 'See the new file in the container',
      place: 'device',
      command:
        'vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- ls -l --time-style=full-iso /opt/google/cros-containers/bin/',
      why: 'The tools are a mount inside the container; the time of the .elf file is that of your build.',
      requires: [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING],
      checks: [
        {
          place: 'device',
          command:
            'vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- ls -l --time-style=full-iso /opt/google/cros-containers/bin/',
          expect: 'Your program and its .elf file, with the time of your build.',
          matches: '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\S+ [+-]\\d{4} \\S+\\.elf\\b',
        },
      ],
    },
  ],
};
