import type { Sheet } from '../../domain/sheet.ts';
import { NO_HASH, NO_VM } from './pitfalls.ts';
import { GUEST_BOARD_SET_UP, SIGNED_IN, VM_RUNNING } from './requirements.ts';
import { BUILD_IMAGE, DEPLOY_DLC, EMERGE_DLC, START_VM, STOP_VMS, WORKON_DLC } from './steps.ts';

export const kernel: Sheet = {
  id: 'kernel',
  title: 'Change the Termina kernel',
  summary: 'For the kernel inside the VM: build it, then a full image around it.',
  guideSections: ['Deploying a new kernel'],
  kind: 'sequence',
  steps: [
    {
      id: 'version',
      title: 'See which kernel the VM runs',
      place: 'device',
      command: 'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- uname -r',
      why: 'The package is named after the version. 6.1.90-… here means chromeos-kernel-6_1; type it as the kernel version above.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [
        {
          place: 'device',
          command: 'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- uname -r',
          expect: 'A version, such as 6.1.90-08765-g2f6a1b.',
          matches: '^\\d+\\.\\d+\\S*$',
        },
      ],
      pitfalls: [
        NO_VM,
        NO_HASH,
        {
          symptom: 'The version differs from that of uname -r on the device.',
          remedy: 'So it should: the host has a kernel of its own.',
        },
      ],
      errata: ['e25-kernel-version'],
    },
    {
      id: 'workon',
      title: 'Build the kernel from your source',
      place: 'outside',
      command: 'cros workon --board={guestBoard} start chromeos-kernel-{kernelVersion}',
      why: 'Until then the build takes a finished kernel. Make the change in src/third_party/kernel, in the directory of this version.',
      requires: [GUEST_BOARD_SET_UP],
      checks: [
        {
          place: 'outside',
          command: 'cros workon --board={guestBoard} list | grep -w chromeos-kernel-{kernelVersion}',
          expect: 'sys-kernel/chromeos-kernel- and the version.',
          matches: '^sys-kernel/chromeos-kernel-\\d+_\\d+$',
        },
      ],
      undo: { place: 'outside', command: 'cros workon --board={guestBoard} stop chromeos-kernel-{kernelVersion}' },
    },
    {
      id: 'build',
      title: 'Build the kernel',
      place: 'outside',
      command: 'cros_sdk cros_workon_make --install --test --board={guestBoard} chromeos-kernel-{kernelVersion}',
      why: 'Compiles your checkout and installs kernel and modules into the sysroot of the guest board.',
      requires: [
        {
          text: 'The kernel is being worked on: the step before.',
          check: {
            place: 'outside',
            command: 'cros workon --board={guestBoard} list | grep -w chromeos-kernel-{kernelVersion}',
            expect: 'sys-kernel/chromeos-kernel- and the version.',
            matches: '^sys-kernel/chromeos-kernel-\\d+_\\d+$',
          },
        },
      ],
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{guestBoard} chromeos-kernel-{kernelVersion}',
          expect: 'Files under /boot, for example /boot/vmlinuz.',
          matches: '^/boot/\\S+$',
        },
      ],
      pitfalls: [
        {
          symptom: "run 'cros_workon --board … start …' first!",
          remedy: 'The step before is missing, or the version differs from the one there.',
        },
      ],
    },
    BUILD_IMAGE,
    WORKON_DLC,
    EMERGE_DLC,
    STOP_VMS,
    DEPLOY_DLC,
    START_VM,
    {
      id: 'running',
      title: 'See that the VM runs your kernel',
      place: 'device',
      command: 'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- uname -rv',
      why: 'The version alone may not have changed. The date after SMP is when the kernel was compiled.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [
        {
          place: 'device',
          command: 'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- uname -rv',
          expect: 'The version, and the date of your build.',
          matches: '^\\d+\\.\\d+\\S* #\\d+ .*SMP',
        },
      ],
      pitfalls: [NO_VM, NO_HASH],
    },
  ],
};
