import type { Sheet } from '../../domain/sheet.ts';
import { NO_PERMISSION_DEVICE } from './pitfalls.ts';
import { TEST_IMAGE } from './requirements.ts';

export const debugHost: Sheet = {
  id: 'debug-host',
  title: 'Debug a host service',
  summary: 'gdb in the chroot, with symbols and source, on a service that runs on the device, such as concierge.',
  guideSections: ['Attaching a debugger', 'Host Services'],
  kind: 'sequence',
  steps: [
    {
      id: 'symbols',
      title: 'Have the symbols in the chroot',
      place: 'inside',
      command: 'cros_install_debug_syms --board={board} {hostPackages...}',
      onlyIf: 'The package came finished from the server. One that you built yourself has its symbols already.',
      why: 'Programs on the device are stripped. gdb takes the symbols from /build/BOARD/usr/lib/debug, where this puts them.',
      checks: [
        {
          place: 'inside',
          command: 'find /build/{board}/usr/lib/debug/usr/bin -name {program}.debug',
          expect: 'The file with the symbols of your program.',
          matches: '^/build/\\S+\\.debug$',
        },
      ],
    },
    {
      id: 'pid',
      title: 'Find the process',
      place: 'device',
      command: 'pgrep -a -x {program}',
      why: 'gdb attaches to a number. What Upstart runs, status NAME tells as well.',
      checks: [
        {
          place: 'device',
          command: 'pgrep -a -x {program}',
          expect: 'Its number and its command line.',
          matches: '^\\d+ \\S',
        },
      ],
      pitfalls: [
        {
          symptom: 'Nothing, though it runs.',
          remedy: 'The kernel keeps 15 characters of a name: search the whole command line with pgrep -a -f.',
        },
        {
          symptom: 'Several lines.',
          remedy: 'Take the one whose command line is right: others are its helpers in a jail.',
        },
      ],
    },
    {
      id: 'attach',
      title: 'Attach from the chroot',
      place: 'inside',
      command: 'gdb-{board} --remote={device} --pid={pid}',
      interactive: true,
      why: 'Starts gdbserver on the device over ssh and connects to it, with the sysroot and the symbols of the board set. --attach NAME finds the process by itself, if there is only one.',
      requires: [
        TEST_IMAGE,
        {
          text: 'The process exists: the step before.',
          check: {
            place: 'device',
            command: 'ps -p {pid} -o pid=,comm=',
            expect: 'Its number and name.',
            matches: '^ *\\d+ \\S+$',
          },
        },
      ],
      interrupts: 'The service stands still until gdb lets it continue; what waits for it may run into a timeout.',
      checks: [
        {
          place: 'device',
          command: 'grep TracerPid: /proc/{pid}/status',
          expect: 'TracerPid: with the number of gdbserver, not 0.',
          matches: '^TracerPid:\\s+[1-9]\\d*$',
        },
      ],
      pitfalls: [
        NO_PERMISSION_DEVICE,
        { symptom: 'Cannot find pid for …', remedy: 'No process has this name: look with pgrep on the device.' },
        {
          symptom: 'Multiple pids found for … process',
          remedy: 'Several have it. Give one of them with --pid.',
        },
        {
          symptom: '… is stripped and … does not exist on your local machine.',
          remedy: 'The symbols are missing: the first step. You can go on without.',
        },
        {
          symptom: 'It ends at the ping.',
          remedy: 'The device does not answer to ping, as behind a tunnel: add --no-ping.',
        },
        {
          symptom: 'Breakpoints are off, lines do not fit.',
          remedy: 'The program on the device is not the one in the sysroot: deploy it again.',
        },
      ],
    },
    {
      id: 'crash',
      title: 'After a crash: list the dumps',
      place: 'device',
      command: 'ls -lt --time-style=full-iso /var/spool/crash /home/chronos/crash',
      onlyIf: 'The service is gone before anybody can attach.',
      why: 'A dump is named after program, time and process, for example vm_concierge.20260821.144919.53856.2533.dmp.',
      checks: [
        {
          place: 'device',
          command: 'ls /var/spool/crash',
          expect: 'A .dmp and a .meta file of your program, if it crashed.',
          matches: '^\\S+\\.(?:dmp|meta)$',
        },
      ],
    },
  ],
};
