import type { Requirement } from '../../domain/sheet.ts';

/** Requirements that several sheets share. The expressions fit the values that `domain/probe/facts.ts` makes. */

export const TEST_IMAGE: Requirement = {
  text: 'A test image on the device.',
  fact: { id: 'imageTrack', matches: '^testimage-channel$' },
};

export const DEVELOPER_MODE: Requirement = {
  text: 'Developer mode on the device.',
  fact: { id: 'developerMode', matches: '^on$' },
};

export const SIGNED_IN: Requirement = {
  text: 'Somebody signed in on the device, not as a guest.',
  fact: { id: 'ownerHash', matches: '^[0-9a-f]{40}$' },
};

export const CONCIERGE_RUNNING: Requirement = {
  text: 'vm_concierge is running.',
  fact: { id: 'jobs', matches: '\\bvm_concierge running\\b' },
};

export const TERMINA_INSTALLED: Requirement = {
  text: 'The Termina DLC is installed: Crostini was switched on at least once.',
  fact: { id: 'terminaDlc', matches: '^installed$' },
};

export const VM_RUNNING: Requirement = {
  text: 'The VM is running.',
  fact: { id: 'vms', matches: '\\brunning\\b' },
};

export const CONTAINER_RUNNING: Requirement = {
  text: 'The container is running.',
  fact: { id: 'container', matches: '.' },
};
