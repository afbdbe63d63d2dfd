import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import { GUEST_BOARD_SET_UP } from './requirements.ts';

/** platform2_test.py's own words and rules, read in its source. */
const NOT_FOUND: Pitfall = {
  symptom: 'error: execing … failed: [Errno 2] No such file or directory',
  remedy: 'Paths are those inside the guest image: /usr/bin/NAME, not /build/tatl/usr/bin/NAME of another board.',
};
const LEAKED: Pitfall = {
  symptom: 'Error: the test leaked process …',
  remedy:
    'What a command leaves running is killed when it ends. Keep a daemon in the foreground, in a terminal of its own.',
};
const OWN_DASHES: Pitfall = {
  symptom: 'error: unrecognized arguments: …',
  remedy: 'An argument with a dash was taken as one of platform2_test.py. Put -- before the command.',
};

export const runOffDevice: Sheet = {
  id: 'run-off-device',
  title: 'Run a guest program without a device',
  summary: 'Run what was built for the VM inside the chroot, to test or debug it. Each step is a way of its own.',
  guideSections: ['Running VM executables off of a device'],
  kind: 'choice',
  steps: [
    {
      id: 'run',
      title: 'A program',
      place: 'inside',
      command: '../platform2/common-mk/platform2_test.py --board {guestBoard} -- {command...}',
      why: 'Makes the sysroot of the guest board the root directory and runs the command there, with the guest’s own libraries. Only this program runs, no VM and none of its services.',
      requires: [GUEST_BOARD_SET_UP],
      checks: [
        {
          place: 'inside',
          command: '../platform2/common-mk/platform2_test.py --board {guestBoard} -- /bin/cat /etc/lsb-release',
          expect: 'CHROMEOS_RELEASE_BOARD=, with the guest board.',
          matches: '^CHROMEOS_RELEASE_BOARD=ta(?:tl|el)\\b',
        },
      ],
      pitfalls: [NOT_FOUND, OWN_DASHES, LEAKED],
    },
    {
      id: 'run-as-root',
      title: 'A program, as root',
      place: 'inside',
      command: '../platform2/common-mk/platform2_test.py --board {guestBoard} --run_as_root -- {command...}',
      why: 'Without --run_as_root it is your own user, who cannot mount, bind low ports or write outside /tmp.',
      requires: [GUEST_BOARD_SET_UP],
      checks: [
        {
          place: 'inside',
          command: '../platform2/common-mk/platform2_test.py --board {guestBoard} --run_as_root -- /usr/bin/id -un',
          expect: 'root',
          matches: '^root$',
        },
      ],
      pitfalls: [NOT_FOUND, OWN_DASHES, LEAKED],
    },
    {
      id: 'lxd',
      title: 'LXD, in one terminal',
      place: 'inside',
      command:
        '../platform2/common-mk/platform2_test.py --board {guestBoard} --no-ns-net --run_as_root -- env LXD_DIR={lxdData} lxd',
      interactive: true,
      why: 'The daemon stays until Ctrl-C; the next two steps go to other terminals and reach it through a socket in its data directory. --no-ns-net lets it reach the network: without it, it has none.',
      requires: [GUEST_BOARD_SET_UP],
      pitfalls: [
        LEAKED,
        {
          symptom: 'The data is gone, or lxc does not find the daemon.',
          remedy: 'Every run gets an empty /run and /dev/shm of its own. Keep the data elsewhere, such as /tmp/lxd.',
        },
      ],
      errata: ['e39-run-off-device'],
    },
    {
      id: 'lxd-ready',
      title: 'LXD: wait until it answers',
      place: 'inside',
      command:
        '../platform2/common-mk/platform2_test.py --board {guestBoard} --no-ns-net --run_as_root -- env LXD_DIR={lxdData} lxd waitready',
      why: 'Returns when the daemon of the other terminal has started.',
      requires: [GUEST_BOARD_SET_UP],
      checks: [
        {
          place: 'inside',
          command:
            '../platform2/common-mk/platform2_test.py --board {guestBoard} --no-ns-net --run_as_root -- env LXD_DIR={lxdData} lxc version',
          expect: 'Server version: and a number.',
          matches: '^Server version: \\d',
        },
      ],
      pitfalls: [
        {
          symptom: 'Server version: unreachable',
          remedy: 'The daemon does not run, or has another data directory than this command.',
        },
      ],
    },
    {
      id: 'lxc',
      title: 'LXD: give it a command',
      place: 'inside',
      command:
        '../platform2/common-mk/platform2_test.py --board {guestBoard} --no-ns-net --run_as_root -- env LXD_DIR={lxdData} lxc {lxcCommand...}',
      why: 'The client of the guest, with the same data directory.',
      requires: [GUEST_BOARD_SET_UP],
      checks: [
        {
          place: 'inside',
          command:
            '../platform2/common-mk/platform2_test.py --board {guestBoard} --no-ns-net --run_as_root -- env LXD_DIR={lxdData} lxc list --format=csv -c n; echo status $?',
          expect: 'The names of containers, if there are any, and status 0.',
          matches: '^status 0$',
        },
      ],
    },
    {
      id: 'arm',
      title: 'A program for ARM, on an x86_64 workstation',
      place: 'inside',
      command: '../platform2/common-mk/platform2_test.py --board tael -- {command...}',
      why: 'Where the programs of a board are for another processor, the same tool runs them under QEMU by itself. Expect it to be slow.',
      checks: [
        {
          place: 'inside',
          command: '../platform2/common-mk/platform2_test.py --board tael -- /bin/uname -m',
          expect: 'aarch64',
          matches: '^(?:aarch64|armv\\w+)$',
        },
      ],
      pitfalls: [
        NOT_FOUND,
        {
          symptom: 'failed to detect qemu arch: confirm that qemu is supported on your system',
          remedy:
            'QEMU was asked for, and the sysroot of the board has no program to tell the processor by. Build the board.',
        },
      ],
    },
  ],
};
