import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import {
  CONTAINER_VM_STOPPED,
  COPY_BROKEN,
  GARCON_SILENT,
  MESSAGE_TOO_LARGE,
  NO_CONTAINER,
  SHELL_HANGS,
} from './pitfalls.ts';
import { CONTAINER_RUNNING, SIGNED_IN, VM_RUNNING } from './requirements.ts';

const NEEDS = [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING];

const WRITE_DENIED: Pitfall = {
  symptom: 'Permission denied',
  remedy: 'vsh gives no root in a container. Copy to /tmp, then move it with sudo in a shell there.',
};

const READ_DENIED: Pitfall = {
  symptom: 'Permission denied',
  remedy: 'Only root may read it. Make a readable copy with sudo in a shell there first.',
};

const EMPTY_FILE: Pitfall = {
  symptom: 'It fails and leaves an empty file.',
  remedy: 'The shell makes the file before ssh runs. Remove it.',
};

/** Both ends' SHA-256 on a line each; the expression wants the same digits twice. */
const SAME_TWICE = '^([0-9a-f]{64}) .*\\n\\1 ';

export const copyPenguin: Sheet = {
  id: 'copy-penguin',
  title: 'Copy files to and from the container',
  summary: 'Move a file or a directory between the workstation and the container. Each step is a way of its own.',
  guideSections: ['Container'],
  kind: 'choice',
  steps: [
    {
      id: 'file-in',
      title: 'A file into the container',
      place: 'outside',
      command:
        'cat -- {file} | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{ cat > {destination} }} }}',
      why: 'vsh can run the command in the container itself, as its user, so the file belongs to that user. The way through the VM that the guide shows leaves a file that nobody in the container can read.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'sha256sum < {file}; ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{ sha256sum < {destination} }} }}',
          expect: 'The same digits twice.',
          matches: SAME_TWICE,
        },
      ],
      pitfalls: [
        NO_CONTAINER,
        CONTAINER_VM_STOPPED,
        GARCON_SILENT,
        SHELL_HANGS,
        COPY_BROKEN,
        WRITE_DENIED,
        MESSAGE_TOO_LARGE,
      ],
      undo: {
        place: 'outside',
        command:
          'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- rm -- {destination} }}',
      },
      errata: ['e36-copy-mode', 'e37-copy-through-rootfs'],
    },
    {
      id: 'file-out',
      title: 'A file out of the container',
      place: 'outside',
      command:
        'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- cat -- {file} }} > {destination}',
      why: 'The > is outside the quotes, so the file is written on the workstation. It is read with the rights of the user of the container.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{ sha256sum < {file} }} }}; sha256sum < {destination}',
          expect: 'The same digits twice.',
          matches: SAME_TWICE,
        },
      ],
      pitfalls: [NO_CONTAINER, CONTAINER_VM_STOPPED, GARCON_SILENT, COPY_BROKEN, READ_DENIED, EMPTY_FILE],
      undo: { place: 'outside', command: 'rm -- {destination}' },
    },
    {
      id: 'directory-in',
      title: 'A directory into the container',
      place: 'outside',
      command:
        'tar -c -C {file} -f - . | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{ mkdir -p -- {destination} && tar -x -C {destination} -f - }} }}',
      why: 'What goes through vsh is one stream, and tar makes one of a directory. Its content ends up in the destination and belongs to the user of the container.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'cd {file} && find . -type f -exec sha256sum \\{\\} + | LC_ALL=C sort | sha256sum; ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{ cd {destination} && find . -type f -exec sha256sum \\{\\} + | LC_ALL=C sort | sha256sum }} }}',
          expect: 'The same digits twice: names and content of all files are equal, if nothing else was there.',
          matches: SAME_TWICE,
        },
      ],
      pitfalls: [NO_CONTAINER, CONTAINER_VM_STOPPED, GARCON_SILENT, SHELL_HANGS, COPY_BROKEN, WRITE_DENIED],
      undo: {
        place: 'outside',
        command:
          'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- rm -r -- {destination} }}',
      },
      errata: ['e37-copy-through-rootfs', 'e40-copy-directory'],
    },
    {
      id: 'directory-out',
      title: 'A directory out of the container',
      place: 'outside',
      command:
        'mkdir -p -- {destination} && ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- tar -c -C {file} -f - . }} | tar -x -C {destination} -f -',
      why: 'The same the other way: tar packs in the container and unpacks on the workstation.',
      requires: NEEDS,
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{ cd {file} && find . -type f -exec sha256sum \\{\\} + | LC_ALL=C sort | sha256sum }} }}; cd {destination} && find . -type f -exec sha256sum \\{\\} + | LC_ALL=C sort | sha256sum',
          expect: 'The same digits twice: names and content of all files are equal, if nothing else was there.',
          matches: SAME_TWICE,
        },
      ],
      pitfalls: [
        NO_CONTAINER,
        CONTAINER_VM_STOPPED,
        GARCON_SILENT,
        COPY_BROKEN,
        READ_DENIED,
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
