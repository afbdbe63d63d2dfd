import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import { COPY_BROKEN, MESSAGE_TOO_LARGE, NO_CONCIERGE, NO_HASH, NO_VM, SHELL_HANGS } from './pitfalls.ts';
import { SIGNED_IN, VM_RUNNING } from './requirements.ts';

const NEEDS = [SIGNED_IN, VM_RUNNING];

const READ_ONLY: Pitfall = {
  symptom: 'Read-only file system',
  remedy: 'The system of the VM cannot be changed from inside. Copy to /tmp or /mnt/stateful, or deploy a package.',
};

const EMPTY_FILE: Pitfall = {
  symptom: 'It fails and leaves an empty file.',
  remedy: 'The shell makes the file before ssh runs. Remove it.',
};

/** Both ends' SHA-256 on a line each; the expression wants the same digits twice. */
const SAME_TWICE = '^([0-9a-f]{64}) .*\\n\\1 ';

export const copyTermina: Sheet = {
  id: 'copy-termina',
  title: 'Copy files to and from termina',
  summary: 'Move a file or a directory between the workstation and the VM. Each step is a way of its own.',
  guideSections: ['Termina'],
  kind: 'choice',
  steps: [
    {
      id: 'file-in',
      title: 'A file into the VM',
      place: 'outside',
      command:
        'cat -- {file} | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c {{ cat > {destination} }} }}',
      why: 'vsh carries standard input to a command in the VM. sh with cat makes an ordinary file; the cp of the guide takes over the mode of the pipe.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'sha256sum < {file}; ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c {{ sha256sum < {destination} }} }}',
          expect: 'The same digits twice.',
          matches: SAME_TWICE,
        },
      ],
      pitfalls: [NO_VM, NO_HASH, NO_CONCIERGE, SHELL_HANGS, COPY_BROKEN, READ_ONLY, MESSAGE_TOO_LARGE],
      undo: {
        place: 'outside',
        command: 'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- rm -- {destination} }}',
      },
      errata: ['e36-copy-mode'],
    },
    {
      id: 'file-out',
      title: 'A file out of the VM',
      place: 'outside',
      command:
        'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- cat -- {file} }} > {destination}',
      why: 'The > is outside the quotes, so the file is written on the workstation. root, because chronos cannot read most of what is worth copying.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c {{ sha256sum < {file} }} }}; sha256sum < {destination}',
          expect: 'The same digits twice.',
          matches: SAME_TWICE,
        },
      ],
      pitfalls: [NO_VM, NO_HASH, COPY_BROKEN, EMPTY_FILE],
      undo: { place: 'outside', command: 'rm -- {destination}' },
      errata: ['e22-copy-out-as-root'],
    },
    {
      id: 'directory-in',
      title: 'A directory into the VM',
      place: 'outside',
      command:
        'tar -c -C {file} -f - . | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c {{ mkdir -p -- {destination} && tar -x -o -C {destination} -f - }} }}',
      why: 'What goes through vsh is one stream, and tar makes one of a directory. Its content ends up in the destination; -o makes it belong to root, not to whoever has your number there.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'cd {file} && find . -type f -exec sha256sum \\{\\} + | LC_ALL=C sort | sha256sum; ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c {{ cd {destination} && find . -type f -exec sha256sum \\{\\} + | LC_ALL=C sort | sha256sum }} }}',
          expect: 'The same digits twice: names and content of all files are equal, if nothing else was there.',
          matches: SAME_TWICE,
        },
      ],
      pitfalls: [NO_VM, NO_HASH, SHELL_HANGS, COPY_BROKEN, READ_ONLY],
      undo: {
        place: 'outside',
        command:
          'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- rm -r -- {destination} }}',
      },
      errata: ['e40-copy-directory'],
    },
    {
      id: 'directory-out',
      title: 'A directory out of the VM',
      place: 'outside',
      command:
        'mkdir -p -- {destination} && ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- tar -c -C {file} -f - . }} | tar -x -C {destination} -f -',
      why: 'The same the other way: tar packs in the VM and unpacks on the workstation, where the files belong to you.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c {{ cd {file} && find . -type f -exec sha256sum \\{\\} + | LC_ALL=C sort | sha256sum }} }}; cd {destination} && find . -type f -exec sha256sum \\{\\} + | LC_ALL=C sort | sha256sum',
          expect: 'The same digits twice: names and content of all files are equal, if nothing else was there.',
          matches: SAME_TWICE,
        },
      ],
      pitfalls: [
        NO_VM,
        NO_HASH,
        COPY_BROKEN,
        {
          symptom: 'tar: Unexpected EOF in archive',
          remedy: 'What comes before it failed; its own message stands above. What arrived is not complete.',
        },
      ],
      undo: { place: 'outside', command: 'rm -r -- {destination}' },
      errata: ['e40-copy-directory'],
    },
  ],
};
