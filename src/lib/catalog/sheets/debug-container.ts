import type { Requirement, Sheet } from '../../domain/sheet.ts';
import { NO_CONTAINER } from './pitfalls.ts';
import { CONTAINER_RUNNING, CONTAINER_SSH, SIGNED_IN, VM_RUNNING } from './requirements.ts';

const PROCESS_EXISTS: Requirement = {
  text: 'The process exists in the container: the step "Find the process".',
  check: {
    place: 'penguin',
    command: 'ps -p {pid} -o pid=,comm=',
    expect: 'Its number and name.',
    matches: '^ *\\d+ \\S+$',
  },
};

const GDBSERVER_INSTALLED: Requirement = {
  text: 'gdbserver is installed in the container: the first step.',
  check: {
    place: 'penguin',
    command: 'gdbserver --version',
    expect: 'GNU gdbserver and a version.',
    matches: '^GNU gdbserver ',
  },
};

export const debugContainer: Sheet = {
  id: 'debug-container',
  title: 'Debug a service in the container',
  summary:
    'gdb on garcon, sommelier or any program of the container: there, or from the chroot with symbols and source.',
  guideSections: ['Attaching a debugger', 'Container Services'],
  kind: 'sequence',
  steps: [
    {
      id: 'install',
      title: 'Install the debugger',
      place: 'penguin',
      command: 'sudo apt install -y gdb gdbserver binutils procps',
      why: 'gdb to debug in the container itself, gdbserver to be debugged from elsewhere, readelf of binutils for the symbols sheet. Once for each container.',
      requires: [CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: 'gdbserver --version',
          expect: 'GNU gdbserver and a version.',
          matches: '^GNU gdbserver ',
        },
      ],
      undo: { place: 'penguin', command: 'sudo apt remove -y gdb gdbserver' },
    },
    {
      id: 'pid',
      title: 'Find the process',
      place: 'penguin',
      command: "pgrep -a -f /{program}'[.]elf'",
      why: 'Tools from ChromeOS are started through a loader of their own, so the kernel knows them by the name of the loader: only the command line tells them apart. A program of Debian is found with pgrep -a and its name.',
      requires: [CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: "pgrep -a -f /{program}'[.]elf'",
          expect: 'A number, and a command line that starts with the loader.',
          matches: '^\\d+ \\S*/ld-linux\\S* .*\\.elf',
        },
      ],
      pitfalls: [
        {
          symptom: 'pgrep without -f finds nothing.',
          remedy: 'It compares with the name of the loader, ld-linux-x86-64. Search the command line.',
        },
        {
          symptom: 'Several sommeliers.',
          remedy: 'One parent for each display, and a child for each app. The command line tells which.',
        },
        {
          symptom: 'The number does not exist on the device.',
          remedy: 'Container, VM and device number their processes on their own. This one is for the container.',
        },
      ],
      errata: ['e44-process-name'],
    },
    {
      id: 'gdb',
      title: 'In the container: attach gdb',
      place: 'penguin',
      command: 'sudo gdb -p {pid}',
      interactive: true,
      onlyIf: 'It is enough to debug where it runs. For source and symbols of the chroot go on below.',
      why: 'sudo, because a process may only be watched by its parent or by root. Of tools from ChromeOS gdb finds no symbols by itself: see "Load symbols under ld-linux".',
      requires: [PROCESS_EXISTS],
      interrupts: 'The process stands still until gdb lets it continue: with sommelier, every window does.',
      checks: [
        {
          place: 'penguin',
          command: 'grep TracerPid: /proc/{pid}/status',
          expect: 'TracerPid: with the number of gdb, not 0.',
          matches: '^TracerPid:\\s+[1-9]\\d*$',
        },
      ],
      pitfalls: [
        {
          symptom: 'ptrace: Operation not permitted.',
          remedy: 'sudo was left out, or another debugger has the process: TracerPid tells.',
        },
      ],
    },
    {
      id: 'attach',
      title: 'From the chroot: over SSH of the container',
      place: 'inside',
      command: 'gdb-{guestBoard} --no-ping --remote=root@localhost:{port} --pid={pid}',
      interactive: true,
      why: 'The board is that of the guest, for the sysroot that the tools were built in. The script starts gdbserver in the container over ssh, so no port but that of ssh is needed; it logs in with testing_rsa.',
      requires: [CONTAINER_SSH, GDBSERVER_INSTALLED, PROCESS_EXISTS],
      interrupts: 'The process stands still until gdb lets it continue: with sommelier, every window does.',
      checks: [
        {
          place: 'penguin',
          command: 'grep TracerPid: /proc/{pid}/status',
          expect: 'TracerPid: with the number of gdbserver, not 0.',
          matches: '^TracerPid:\\s+[1-9]\\d*$',
        },
      ],
      pitfalls: [
        {
          symptom: 'Connection refused',
          remedy:
            'The tunnel is down; or with port forwarding: it has to be switched on in Settings after every restart of the device.',
        },
        {
          symptom: 'Permission denied (publickey).',
          remedy: 'The script offers testing_rsa only, and another key is in authorized_keys. Use the step below.',
        },
        {
          symptom: 'Cannot find file …/ld-linux-x86-64.so.2 (in sysroot).',
          remedy: 'The loader is part of termina_container_tools: build it for the guest board.',
        },
      ],
    },
    {
      id: 'attach-vsh',
      title: 'Or from anywhere: through vsh',
      place: 'outside',
      command:
        'gdb -ex {{ target remote | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sudo gdbserver --once --attach - {pid} }} }}',
      interactive: true,
      onlyIf: 'There is no sshd in the container, or its key is not testing_rsa.',
      why: 'gdb talks to gdbserver through a pipe, which vsh carries. No port, no key, no sshd. In the chroot write gdb-tatl or gdb-tael for gdb.',
      requires: [SIGNED_IN, VM_RUNNING, GDBSERVER_INSTALLED, PROCESS_EXISTS],
      interrupts: 'The process stands still until gdb lets it continue: with sommelier, every window does.',
      checks: [
        {
          place: 'penguin',
          command: 'grep TracerPid: /proc/{pid}/status',
          expect: 'TracerPid: with the number of gdbserver, not 0.',
          matches: '^TracerPid:\\s+[1-9]\\d*$',
        },
      ],
      pitfalls: [
        NO_CONTAINER,
        {
          symptom: 'Remote communication error.  Target disconnected.: …',
          remedy: 'gdbserver ended: its own message stands above. Mostly sudo is missing, or the process is gone.',
        },
        {
          symptom: 'warning: Architecture rejected target-supplied description',
          remedy: 'The gdb is for another processor than the container: take that of the guest board.',
        },
      ],
    },
  ],
};
