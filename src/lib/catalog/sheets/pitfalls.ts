import type { Pitfall } from '../../domain/sheet.ts';

/** What goes wrong in several sheets. Quoted texts are those of the programs (chromeos-facts.md sections 1.5, 2.3, 5). */

export const NO_VM: Pitfall = {
  symptom: 'Failed to get VM info for …',
  remedy:
    'The VM is not running, or the owner hash is not that of its owner. Start it with vmc start --no-shell, or read the hash again.',
};

export const UNDO_IS_OF_CHECKOUT: Pitfall = {
  symptom: 'After the undo it is not what the device came with.',
  remedy:
    'The undo deploys the package without your change, but of the version in the checkout. Exactly what was there before, only cros flash with the image of the device brings.',
};

export const NO_CONCIERGE: Pitfall = {
  symptom: 'Failed to send dbus message to concierge service',
  remedy: 'vm_concierge is not running: it starts when somebody signs in. If somebody is, run start vm_concierge.',
};

export const NO_HASH: Pitfall = {
  symptom: 'If using --vm_name, you must also specify --owner_id',
  remedy: 'The owner hash is empty: nobody is signed in, or only a guest. See the sheet "Get the owner hash".',
};

export const VSHD_LATE: Pitfall = {
  symptom: 'Failed to connect to vshd: …',
  remedy: 'The VM is up, its shell server not yet. Wait a few seconds and try again.',
};

export const NO_CONTAINER: Pitfall = {
  symptom: 'requested container does not exist: …',
  remedy:
    'The VM runs, its container does not. Open the Terminal app, or run vmc container on the device, which also makes one that is missing.',
};

export const CONTAINER_VM_STOPPED: Pitfall = {
  symptom: 'requested VM does not exist: …',
  remedy: 'The VM is not running. Start it with vmc start --no-shell; that starts no container yet.',
};

export const GARCON_SILENT: Pitfall = {
  symptom: 'Poll timed out after waiting 5 seconds.',
  remedy: 'garcon in the container did not call back. Look at its log, or restart the container.',
};

export const NO_CHRONOS: Pitfall = {
  symptom: 'could not find user: chronos …',
  remedy: 'The VM is a Baguette: its user has another name. Use --target_container=penguin, as for a container.',
};

export const SHELL_HANGS: Pitfall = {
  symptom: 'Typed on the device itself, without ssh in front, it hangs.',
  remedy:
    'vsh reads its input only from a terminal or a pipe. Over ssh it has one; on the device write cat FILE | vsh …, never < FILE.',
};

export const COPY_BROKEN: Pitfall = {
  symptom: 'It ends with status 123, or the connection breaks.',
  remedy: 'The VM went away during the copy, and what arrived is short. Compare, and copy again.',
};

export const MESSAGE_TOO_LARGE: Pitfall = {
  symptom: 'Serialized message too large: …',
  remedy: 'A command and its environment may have 4096 bytes on their way into the guest. Use a shorter path.',
};

export const NO_PERMISSION_DEVICE: Pitfall = {
  symptom: 'Permission denied (publickey,…), or a question for a password.',
  remedy:
    'Give this host User root and IdentityFile ~/chromiumos/chromite/ssh_keys/testing_rsa in ~/.ssh/config. The password of test images is test0000.',
};

export const UNKNOWN_INSTANCE: Pitfall = {
  symptom: 'stop: Unknown instance:',
  remedy: 'It was not running. No harm: the start follows.',
};
