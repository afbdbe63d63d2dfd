import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import { CONTAINER_RUNNING, SIGNED_IN, VM_RUNNING } from './requirements.ts';

const NO_VM: Pitfall = {
  symptom: 'Failed to get VM info.',
  remedy: 'The VM is not running, or the owner hash is that of another user. Start it with vmc start --no-shell.',
};

const NO_CONTAINER: Pitfall = {
  symptom: 'requested container does not exist.',
  remedy: 'The VM runs, its container does not. Open the Terminal app once, or run vmc container on the device.',
};

const HANGS: Pitfall = {
  symptom: 'Without ssh in front, typed on the device: it hangs.',
  remedy:
    'vsh reads its input only from a pipe. Over ssh it has one; on the device write cat FILE | vsh …, never < FILE.',
};

const SHORT: Pitfall = {
  symptom: 'The connection broke on the way.',
  remedy: 'The copy is there but short. Compare the sizes, and copy again.',
};

export const copyFiles: Sheet = {
  id: 'copy-files',
  title: 'Copy files',
  summary:
    'Move a file between the workstation and the VM or the container. The steps are choices: take the one that fits.',
  guideSections: ['Remote Access'],
  kind: 'choice',
  steps: [
    {
      id: 'to-termina',
      title: 'A file into the VM',
      place: 'outside',
      command:
        'cat -- {file} | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- sh -c {{ cat > {destination} }} }}',
      why: 'vsh carries standard input to a command in the VM. sh with cat makes an ordinary file; the cp of the guide takes over the mode of the pipe.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [
        {
          place: 'outside',
          command: 'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- ls -l {destination} }}',
          expect: 'The size of the original.',
        },
      ],
      pitfalls: [
        NO_VM,
        HANGS,
        SHORT,
        {
          symptom: 'Read-only file system.',
          remedy:
            'The system of the VM cannot be changed from inside. Copy to /tmp or /mnt/stateful, or deploy a package.',
        },
      ],
      undo: {
        place: 'outside',
        command: 'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- rm {destination} }}',
      },
      errata: ['e36-copy-mode'],
    },
    {
      id: 'from-termina',
      title: 'A file out of the VM',
      place: 'outside',
      command:
        'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- cat {file} }} > {destination}',
      why: 'The > is outside the quotes, so the file is written on the workstation. root, because chronos cannot read most of what is worth copying.',
      requires: [SIGNED_IN, VM_RUNNING],
      checks: [{ place: 'outside', command: 'ls -l -- {destination}', expect: 'The size of the original.' }],
      pitfalls: [
        NO_VM,
        SHORT,
        {
          symptom: 'It fails and leaves an empty file.',
          remedy: 'The shell makes the file before ssh runs. Remove it.',
        },
      ],
      undo: { place: 'outside', command: 'rm -- {destination}' },
      errata: ['e22-copy-out-as-root', 'e08-user-root'],
    },
    {
      id: 'to-penguin',
      title: 'A file into the container',
      place: 'outside',
      command:
        'cat -- {file} | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{ cat > {destination} }} }}',
      why: 'vsh can run the command in the container itself, as its user, so the file belongs to that user. The way through the VM that the guide shows leaves a file that nobody in the container can read.',
      requires: [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING],
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- ls -l {destination} }}',
          expect: 'The size of the original, and the user of the container as owner.',
        },
      ],
      pitfalls: [
        NO_CONTAINER,
        HANGS,
        SHORT,
        {
          symptom: 'Permission denied.',
          remedy: 'vsh gives no root in a container. Copy to /tmp, then move the file with sudo in a shell there.',
        },
      ],
      undo: {
        place: 'outside',
        command:
          'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- rm {destination} }}',
      },
      errata: ['e36-copy-mode', 'e37-copy-through-rootfs'],
    },
    {
      id: 'from-penguin',
      title: 'A file out of the container',
      place: 'outside',
      command:
        'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- cat {file} }} > {destination}',
      why: 'As above, but with the rights of the user of the container.',
      requires: [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING],
      checks: [{ place: 'outside', command: 'ls -l -- {destination}', expect: 'The size of the original.' }],
      pitfalls: [
        NO_CONTAINER,
        SHORT,
        {
          symptom: 'Permission denied.',
          remedy: 'Only root may read it. Make a readable copy with sudo in a shell there first.',
        },
      ],
      undo: { place: 'outside', command: 'rm -- {destination}' },
    },
    {
      id: 'directory-to-penguin',
      title: 'A directory into the container',
      place: 'outside',
      command:
        'tar -c -C {file} . | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- tar -x -C {destination} }}',
      why: 'What goes through vsh is one stream, and tar makes one of a directory. The destination must exist.',
      requires: [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING],
      checks: [
        {
          place: 'outside',
          command:
            'ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- ls -la {destination} }}',
          expect: 'What the directory holds on the workstation.',
        },
      ],
      pitfalls: [NO_CONTAINER, HANGS],
    },
  ],
};
