import type { Check, Requirement } from '../../domain/sheet.ts';

/** Requirements that several sheets share. The expressions fit the values that `domain/probe/facts.ts` makes. */

export const TEST_IMAGE: Requirement = {
  text: 'A test image on the device.',
  fact: { id: 'imageTrack', matches: '^testimage-channel$' },
  way: 'prerequisites#image',
};

export const DEVELOPER_MODE: Requirement = {
  text: 'Developer mode on the device.',
  fact: { id: 'developerMode', matches: '^on$' },
  way: 'prerequisites#image',
};

export const SIGNED_IN: Requirement = {
  text: 'Somebody signed in on the device, not as a guest.',
  fact: { id: 'ownerHash', matches: '^[0-9a-f]{40}$' },
  way: 'prerequisites#sign-in',
};

export const CONCIERGE_RUNNING: Requirement = {
  text: 'vm_concierge is running.',
  fact: { id: 'jobs', matches: '\\bvm_concierge running\\b' },
  way: 'host-service-change#restart',
};

export const TERMINA_INSTALLED: Requirement = {
  text: 'The Termina DLC is installed: Crostini was switched on at least once.',
  fact: { id: 'terminaDlc', matches: '^installed$' },
};

export const VM_RUNNING: Requirement = {
  text: 'The VM is running.',
  fact: { id: 'vms', matches: '^running$' },
  way: 'termina-shell#start',
};

export const CONTAINER_RUNNING: Requirement = {
  text: 'The container is running.',
  fact: { id: 'container', matches: '.' },
  way: 'container-shell#vmc',
};

/*
 * What is being worked on, of the packages in question: each on its line, and one that is not says so, so that the
 * expression, on the whole text, can tell. A line of `cros workon … list` is category/name.
 */
export const HOST_WORKON_CHECK: Check = {
  place: 'outside',
  command:
    '(listed=$(cros workon --board={board} list); for package in {hostPackages...}; do printf "%s\\n" "$listed" | grep -w -e "$package" || echo "not worked on: $package"; done)',
  expect: 'Each of your packages on a line, with its category: chromeos-base/vm_host_tools.',
  matches: '(?<![\\s\\S])(?:[a-z0-9-]+/[\\w+.-]+\\s+)+(?![\\s\\S])',
};

export const GUEST_WORKON_CHECK: Check = {
  place: 'outside',
  command:
    '(listed=$(cros workon --board={guestBoard} list); for package in {packages...}; do printf "%s\\n" "$listed" | grep -w -e "$package" || echo "not worked on: $package"; done)',
  expect: 'Each of your packages on a line, with its category: chromeos-base/vm_guest_tools.',
  matches: '(?<![\\s\\S])(?:[a-z0-9-]+/[\\w+.-]+\\s+)+(?![\\s\\S])',
};

export const DLC_WORKON_CHECK: Check = {
  place: 'outside',
  command: 'cros workon --board={board} list | grep -w termina-dlc',
  expect: 'chromeos-base/termina-dlc',
  matches: '^chromeos-base/termina-dlc$',
};

/**
 * A deploy writes the image of a DLC and what the root file system knows of it anew (platform2/dlcservice/tools/dlctool,
 * chromite/lib/dlc_lib.py). That it is installed proves nothing: it was before.
 */
const CHANGED_DLC = {
  place: 'device',
  expect: 'The files of each DLC that changed within ten minutes, and no line with unchanged.',
  matches: '(?<![\\s\\S])(?:/\\S+/package/\\S+\\s+)+(?![\\s\\S])',
} as const;

export const TERMINA_DLC_DEPLOYED: Check = {
  ...CHANGED_DLC,
  command:
    'find /opt/google/dlc/termina-dlc /mnt/stateful_partition/unencrypted/dlc-deployed-images/termina-dlc -type f -cmin -10 2>/dev/null',
};

export const TOOLS_DLC_DEPLOYED: Check = {
  ...CHANGED_DLC,
  command:
    'find /opt/google/dlc/termina-tools-dlc /mnt/stateful_partition/unencrypted/dlc-deployed-images/termina-tools-dlc -type f -cmin -10 2>/dev/null',
};

export const DLCS_DEPLOYED: Check = {
  ...CHANGED_DLC,
  command:
    '(for dlc in {dlcIds...}; do find "/opt/google/dlc/$dlc" "/mnt/stateful_partition/unencrypted/dlc-deployed-images/$dlc" -type f -cmin -10 2>/dev/null | grep . || echo "unchanged: $dlc"; done)',
};

export const HOST_PACKAGES_WORKED_ON: Requirement = {
  text: 'The packages are being worked on: the first step.',
  check: HOST_WORKON_CHECK,
  way: 'host-service-change#workon',
};

export const GUEST_PACKAGES_WORKED_ON: Requirement = {
  text: 'The packages are being worked on for the guest board: the first step.',
  check: GUEST_WORKON_CHECK,
  way: 'guest-package#workon',
};

export const DLC_WORKED_ON: Requirement = {
  text: 'termina-dlc is being worked on: the step before.',
  check: DLC_WORKON_CHECK,
  way: 'full-image#workon-dlc',
};

export const GUEST_BOARD_SET_UP: Requirement = {
  text: 'The guest board is set up in the chroot, as cros build-packages does.',
  check: {
    place: 'inside',
    command: 'ls -d /build/{guestBoard}',
    expect: 'The directory.',
    matches: '^/build/ta[et]l$',
  },
  way: 'full-image#build-packages',
};

export const CONTAINER_SSH: Requirement = {
  text: 'sshd answers in the container, through the tunnel: the sheet "SSH into the container".',
  check: {
    place: 'outside',
    command: 'ssh -p {port} root@localhost -- id -un',
    expect: 'root',
    matches: '^root$',
  },
  way: 'container-ssh',
};
