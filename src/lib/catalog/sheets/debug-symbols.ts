import type { Sheet } from '../../domain/sheet.ts';
import { CONTAINER_RUNNING } from './requirements.ts';

export const debugSymbols: Sheet = {
  id: 'debug-symbols',
  title: 'Load symbols under ld-linux',
  summary:
    'For tools under /opt/google/cros-containers, and their libraries: gdb finds no symbols there until it is told where each was loaded.',
  guideSections: ['Container Services'],
  kind: 'sequence',
  steps: [
    {
      id: 'files',
      title: 'See what is loaded',
      place: 'penguin',
      command: "awk '$2 ~ /x/ && $6 ~ /^[/]/ \\{ print $6 \\}' /proc/{pid}/maps | sort -u",
      why: 'Lists the files with code in them. The process is the bundled loader, so gdb knows only that one; every other it cannot name needs the next step, with its path as the program file.',
      requires: [CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: "awk '$2 ~ /x/ && $6 ~ /^[/]/ \\{ print $6 \\}' /proc/{pid}/maps | sort -u",
          expect: 'Paths: the .elf of the program, and libraries.',
          matches: '^/\\S+$',
        },
      ],
      pitfalls: [
        {
          symptom: 'Permission denied',
          remedy: 'The process belongs to another user. Put sudo in front.',
        },
        {
          symptom: 'A path ends with (deleted).',
          remedy: 'The file was replaced after the process started, and its symbols fit no more. Restart the service.',
        },
      ],
      errata: ['e05-wrapper-path', 'e07-symbols-place'],
    },
    {
      id: 'command',
      title: 'Make the gdb command',
      place: 'penguin',
      command:
        'export ELF={binary}; first=$(awk \'substr($0, index($0, "/")) == ENVIRON["ELF"] \\{ split($1, ends, "-"); print ends[1]; exit \\}\' /proc/{pid}/maps); vaddr=$(readelf -lW "$ELF" | awk \'$1 == "LOAD" \\{ print $3; exit \\}\'); printf \'add-symbol-file "%s" -o 0x%x\\n\' "$ELF" $((0x$\\{first:?no mapping of it in this process\\} - ($vaddr & -$(getconf PAGESIZE))))',
      why: 'Where a file was loaded is the start of its first mapping, less the address that its first segment asks for. -o moves every section by that much, so it does not matter which linker made the file. A file that is not position-independent gets 0.',
      requires: [
        CONTAINER_RUNNING,
        {
          text: 'readelf is installed: binutils, see "Debug a service in the container".',
          check: {
            place: 'penguin',
            command: 'readelf --version',
            expect: 'GNU readelf and a version.',
            matches: '^GNU readelf ',
          },
        },
      ],
      checks: [
        {
          place: 'penguin',
          command: 'file -L {binary} || head -c 4 {binary} | od -c',
          expect: 'An ELF file, not a shell script.',
          matches: '\\bELF\\b|\\b0000000 177 +E +L +F\\b',
        },
      ],
      pitfalls: [
        {
          symptom: 'readelf: Error: Not an ELF file - it has the wrong magic bytes at the start',
          remedy: 'That is the wrapper, a shell script. The program is beside it, with .elf at the end.',
        },
        {
          symptom: 'no mapping of it in this process',
          remedy: 'The path must be exactly as the step before shows it, or the process is another one.',
        },
        {
          symptom: 'The command was run on the device, and the process is not there.',
          remedy: 'It belongs into the container: only there the number of the process is valid.',
        },
      ],
      errata: [
        'e01-stray-parenthesis',
        'e02-readelf-field',
        'e03-offset-not-address',
        'e04-first-mapping',
        'e05-wrapper-path',
        'e06-grep-text',
        'e07-symbols-place',
        'e35-grep-wrapper',
      ],
    },
    {
      id: 'load',
      title: 'Give it to gdb',
      place: 'penguin',
      command: 'sudo gdb -p {pid}',
      interactive: true,
      why: 'Type the line of the step before at the (gdb) prompt and answer y. For a gdb in the chroot put /build/ and the guest board in front of the path: the file there is the same, and has its symbols nearby.',
      requires: [CONTAINER_RUNNING],
      interrupts: 'The process stands still until gdb lets it continue: with sommelier, every window does.',
      checks: [
        {
          place: 'penguin',
          command: 'readelf -n {binary} | grep "Build ID"',
          expect: 'The same id as that of the file in the chroot: then the symbols fit.',
          matches: '^ *Build ID: [0-9a-f]+$',
        },
      ],
      pitfalls: [
        {
          symptom: '(No debugging symbols found in …)',
          remedy: 'The file is stripped. Take the one of the chroot, or one that you built with -g.',
        },
        {
          symptom: 'Breakpoints are accepted and never hit.',
          remedy:
            'The address is off, as the formula of the guide makes it for files linked with lld. Use -o and the number above.',
        },
      ],
    },
  ],
};
