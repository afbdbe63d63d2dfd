import type { Step } from '../../domain/sheet.ts';
import { GARCON_SILENT, NO_CONCIERGE, UNDO_IS_OF_CHECKOUT, UNKNOWN_INSTANCE } from './pitfalls.ts';
import {
  CONCIERGE_RUNNING,
  DEVELOPER_MODE,
  DLC_WORKED_ON,
  DLC_WORKON_CHECK,
  SIGNED_IN,
  TERMINA_DLC_DEPLOYED,
  TERMINA_INSTALLED,
  TEST_IMAGE,
  VM_RUNNING,
} from './requirements.ts';

/** Steps that are part of several sheets. */

export const START_VM: Step = {
  id: 'start',
  title: 'Start the VM',
  place: 'device',
  command: 'CROS_USER_ID_HASH={ownerHash} vmc start --no-shell {vm}',
  why: 'The VM reads its images when it starts, so only now the new files are in use. Opening the Terminal app does the same.',
  requires: [SIGNED_IN, CONCIERGE_RUNNING, TERMINA_INSTALLED],
  checks: [
    {
      place: 'device',
      command: `CROS_USER_ID_HASH={ownerHash} vmc list | awk 'BEGIN \\{ name = ARGV[1] " ("; ARGV[1] = "" \\} index($0, name) == 1' {vm}`,
      expect: 'The line of the VM, and it ends with running.',
      matches: '^\\S.* \\([0-9]+ bytes.*\\) +running$',
    },
  ],
  pitfalls: [
    {
      symptom: 'operation `vm_start` failed: bad VM status: `VM_STATUS_FAILURE`: …',
      remedy:
        'The guest did not come up. vmc logs shows how far it got, /var/log/messages why concierge gave up. After a deploy of your own, deploy a full image.',
    },
    {
      symptom: 'DLC service failed to install module `termina-dlc`: …',
      remedy: 'The image is missing or broken. Deploy termina-dlc, or run dlcservice_util --id=termina-dlc --install.',
    },
    {
      symptom: 'missing active session corresponding to $CROS_USER_ID_HASH',
      remedy: 'The hash belongs to somebody who is not signed in. Read it again.',
    },
    {
      symptom: 'It starts, but no audio of the microphone arrives.',
      remedy: 'It captures none unless told to: stop it, and start it with --enable-audio-capture.',
    },
    {
      symptom: 'Crostini VMs are not available',
      remedy: 'A guest session, or Linux is not allowed for this user. Sign in as somebody else.',
    },
  ],
  undo: { place: 'device', command: 'CROS_USER_ID_HASH={ownerHash} vmc stop {vm}' },
  errata: ['e20-user-id-hash'],
};

/** `vmc start` starts no container; a pipe that ends at once makes the shell of `vmc container` end at once. */
export const START_CONTAINER: Step = {
  id: 'start-container',
  title: 'Start the container',
  place: 'device',
  command: ': | CROS_USER_ID_HASH={ownerHash} vmc container {vm} {container}',
  why: 'The VM alone has no container running. This starts it, and makes it first if there is none. The empty input ends the shell that would follow. Opening the Terminal app does the same.',
  requires: [SIGNED_IN, VM_RUNNING],
  checks: [
    {
      place: 'device',
      command: 'vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- echo up',
      expect: 'up',
      matches: '^up$',
    },
  ],
  pitfalls: [
    {
      symptom:
        'operation `container_create` failed: failed to create container: `UNKNOWN`: requested VM does not exist: …',
      remedy: 'The VM is not running: the step before.',
    },
    GARCON_SILENT,
  ],
  undo: {
    place: 'device',
    command:
      'vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc stop {container}',
  },
};

/** All VM services anew, which is more than `restart vm_concierge` does (chromeos-facts.md section 5.2). */
export const RESTART_SERVICES: Step = {
  id: 'restart',
  title: 'Restart all VM services together',
  place: 'device',
  command: 'stop vm_concierge; start vm_concierge',
  why: 'The services hold state about each other, so they must all begin anew. They follow the stopped event of vm_concierge. restart vm_concierge does not send it, so it would renew concierge alone. The ; instead of && also starts it where it was not running. There is no undo but to start the VM again.',
  requires: [SIGNED_IN],
  interrupts: 'Stops every running VM: what is not saved in Linux apps is lost.',
  checks: [
    {
      place: 'device',
      command: 'status vm_concierge',
      expect: 'vm_concierge start/running, process and a number.',
      matches: '^vm_concierge start/running, process \\d+$',
    },
    {
      place: 'device',
      command: 'status vm_cicerone',
      expect: 'vm_cicerone start/running, process and a number.',
      matches: '^vm_cicerone start/running, process \\d+$',
    },
  ],
  pitfalls: [
    UNKNOWN_INSTANCE,
    { symptom: 'stop takes half a minute.', remedy: 'It waits up to 30 seconds for VMs to shut down.' },
    {
      symptom: 'start succeeds, status soon says stop/waiting.',
      remedy:
        'The program does not come up. Its last words are in /var/log/messages; its crash dumps in /var/spool/crash.',
    },
    NO_CONCIERGE,
  ],
  errata: ['e13-restart-concierge', 'e14-start-on'],
};

/** The Termina image on the workstation, then on the device: what "full image" and "kernel" have in common. */
export const BUILD_IMAGE: Step = {
  id: 'build-image',
  title: 'Build the image of the guest',
  place: 'outside',
  command: 'cros build-image --board={guestBoard} test',
  why: 'Makes a bootable image of the packages in the sysroot. termina-dlc takes exactly this one, the test image.',
  checks: [
    {
      place: 'outside',
      command: 'cros_sdk ls -l --time-style=+%F ../build/images/{guestBoard}/latest/chromiumos_test_image.bin',
      expect: 'The image, with the date of today.',
      matches: '\\d{4}-\\d\\d-\\d\\d \\S*/chromiumos_test_image\\.bin$',
    },
  ],
  pitfalls: [
    {
      symptom: 'It says that packages are missing.',
      remedy: 'The sysroot is not complete: run cros build-packages for the guest board first.',
    },
  ],
};

export const WORKON_DLC: Step = {
  id: 'workon-dlc',
  title: 'Build the DLC from your image',
  place: 'outside',
  command: 'cros workon --board={board} start termina-dlc',
  why: 'Until then the build takes a finished termina-dlc, with its own image. The board is now that of the device: the DLC is one of its packages.',
  checks: [DLC_WORKON_CHECK],
  undo: { place: 'outside', command: 'cros workon --board={board} stop termina-dlc' },
};

export const EMERGE_DLC: Step = {
  id: 'emerge-dlc',
  title: 'Pack the image into the DLC',
  place: 'outside',
  command: 'cros_sdk emerge-{board} termina-dlc',
  why: 'Cuts the image of the guest into kernel, root file system and tools, and packs them as the download that devices use.',
  requires: [DLC_WORKED_ON],
  checks: [
    {
      place: 'outside',
      command: 'cros_sdk ls -l --time-style=+%F /build/{board}/build/rootfs/dlc/termina-dlc/package/dlc.img',
      expect: 'The file that is deployed, with the date of today.',
      matches: '\\d{4}-\\d\\d-\\d\\d /build/\\S+/termina-dlc/package/dlc\\.img$',
    },
  ],
  pitfalls: [
    {
      symptom: "Couldn't find VM image…",
      remedy: 'There is no test image of the guest board that fits the device. Build it, with the word test.',
    },
    {
      symptom: 'The wrong guest board is packed.',
      remedy: 'The ebuild takes tatl for amd64 boards and tael for all others. Build the image for that one.',
    },
  ],
};

export const STOP_VMS: Step = {
  ...RESTART_SERVICES,
  id: 'stop-vms',
  title: 'Stop every VM',
  why: 'A VM that runs keeps the old image in use. Stop and start, not restart: restart vm_concierge, as the guide has it here, leaves the other services with their old state.',
};

export const DEPLOY_DLC: Step = {
  id: 'deploy-dlc',
  title: 'Deploy the DLC to the device',
  place: 'outside',
  command: 'cros deploy {device} termina-dlc',
  why: 'Copies the DLC and installs it. VMs that start from now on use it.',
  requires: [TEST_IMAGE, DEVELOPER_MODE],
  checks: [TERMINA_DLC_DEPLOYED],
  undo: {
    place: 'outside',
    command:
      'cros workon --board={board} stop termina-dlc; cros_sdk emerge-{board} termina-dlc && cros deploy {device} termina-dlc',
  },
  pitfalls: [
    {
      symptom: 'It reboots the device.',
      remedy: 'The first deploy to a device switches off root file system verification. Sign in again and go on.',
    },
    UNDO_IS_OF_CHECKOUT,
    {
      symptom: 'The VM starts with the old image.',
      remedy: 'It was running during the deploy. Stop it and start it again.',
    },
  ],
};
