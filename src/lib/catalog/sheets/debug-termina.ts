import type { Sheet } from '../../domain/sheet.ts';
import { NO_VM } from './pitfalls.ts';
import { GUEST_BOARD_SET_UP, SIGNED_IN, VM_RUNNING } from './requirements.ts';

export const debugTermina: Sheet = {
  id: 'debug-termina',
  title: 'Debug a service in termina',
  summary:
    'The Termina image has no gdb, no gdbserver and no sshd, and cannot be written to: nothing attaches as on the device. This is what is left.',
  guideSections: ['Attaching a debugger', 'Termina Services'],
  kind: 'choice',
  steps: [
    {
      id: 'log',
      title: 'Read what it says',
      place: 'device',
      command: 'CROS_USER_ID_HASH={ownerHash} vmc logs {vm}',
      why: 'maitred, tremplin and LXD write to the console of the VM, a crash of theirs too. Add a log line, deploy the package, and look here.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'device',
          command: 'CROS_USER_ID_HASH={ownerHash} vmc logs {vm} | tail -n 1',
          expect: 'A line with a time, a priority and VM(number).',
          matches: '^[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d <\\d+>  VM\\(\\d+\\): ',
        },
      ],
    },
    {
      id: 'proc',
      title: 'Look at it from a shell in the VM',
      place: 'device',
      command:
        'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c \'for pid in $(pgrep -x "$0"); do grep . /proc/$pid/wchan /proc/$pid/status; ls -l /proc/$pid/fd; done\' {program}',
      why: 'Root in the VM may read /proc: what the process waits for, its memory, threads and open files. That is often enough for one that hangs.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [
        {
          place: 'device',
          command: 'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- pgrep -a -x {program}',
          expect: 'Its number and its command line.',
          matches: '^\\d+ \\S',
        },
      ],
      pitfalls: [
        NO_VM,
        {
          symptom: 'Nothing, though it runs.',
          remedy: 'maitred is called init there, and the kernel keeps 15 characters of a name.',
        },
      ],
    },
    {
      id: 'off-device',
      title: 'Debug it in the chroot',
      place: 'inside',
      command: 'gdb-{guestBoard} {command...}',
      interactive: true,
      why: 'Runs the program in the sysroot of the guest under gdb, with symbols and source. It finds no VM around it, so this is for code that does without, and for unit tests.',
      requires: [GUEST_BOARD_SET_UP],
      checks: [
        {
          place: 'inside',
          command: 'ls -l /build/{guestBoard}/usr/bin/gdb',
          expect: 'The gdb of the sysroot, which this starts.',
          matches: '^-rwx.* /build/ta[et]l/usr/bin/gdb$',
        },
      ],
      pitfalls: [
        {
          symptom: 'Cannot find program …',
          remedy: 'The path is that inside the guest image, for example /usr/bin/garcon; or the package is not built.',
        },
      ],
    },
    {
      id: 'copy-gdbserver',
      title: 'An attempt, 1 of 2: bring gdbserver along',
      place: 'inside',
      command:
        'cat /build/{guestBoard}/usr/bin/gdbserver | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c {{ cat > /mnt/stateful/gdbserver && chmod 755 /mnt/stateful/gdbserver }} }}',
      onlyIf:
        'You want to attach all the same. That it works with a real Termina is not known; the pipe itself was tried with gdb.',
      why: 'The guide asks whoever manages to debug termina services to tell. /mnt/stateful can be written to; a file there is gone with the disk of the VM.',
      requires: [
        SIGNED_IN,
        VM_RUNNING,
        {
          text: 'gdbserver is built for the guest board: emerge sys-devel/gdb for it.',
          check: {
            place: 'inside',
            command: 'ls -l /build/{guestBoard}/usr/bin/gdbserver',
            expect: 'The program.',
            matches: '^-rwx.* /build/ta[et]l/usr/bin/gdbserver$',
          },
        },
      ],
      checks: [
        {
          place: 'device',
          command: 'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- /mnt/stateful/gdbserver --version',
          expect: 'GNU gdbserver and a version.',
          matches: '^GNU gdbserver ',
        },
      ],
      pitfalls: [
        {
          symptom: 'Permission denied, when it is started.',
          remedy: 'The directory is mounted without the right to execute. Try /tmp or /run; else it ends here.',
        },
        {
          symptom: 'error while loading shared libraries: …',
          remedy: 'It needs libraries that the image lacks. Copy them beside it and set LD_LIBRARY_PATH.',
        },
      ],
      undo: {
        place: 'device',
        command: 'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- rm /mnt/stateful/gdbserver',
      },
      errata: ['e45-termina-debugger'],
    },
    {
      id: 'attach',
      title: 'An attempt, 2 of 2: attach through vsh',
      place: 'outside',
      command:
        'gdb -ex {{ target remote | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- /mnt/stateful/gdbserver --once --attach - {pid} }} }}',
      interactive: true,
      onlyIf: 'gdbserver is in the VM. The process id is that inside the VM.',
      why: 'gdb talks to gdbserver through a pipe, which vsh carries: no port and no sshd are needed. In the chroot write gdb-tatl or gdb-tael for gdb.',
      requires: [SIGNED_IN, VM_RUNNING],
      interrupts: 'The service stands still until gdb lets it continue. With maitred, the whole VM does.',
      checks: [
        {
          place: 'device',
          command: 'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- grep TracerPid: /proc/{pid}/status',
          expect: 'TracerPid: with the number of gdbserver, not 0.',
          matches: '^TracerPid:\\s+[1-9]\\d*$',
        },
      ],
      pitfalls: [
        NO_VM,
        {
          symptom: 'Remote communication error.  Target disconnected.: …',
          remedy: 'gdbserver ended: its own message stands above.',
        },
      ],
      errata: ['e45-termina-debugger'],
    },
  ],
};
