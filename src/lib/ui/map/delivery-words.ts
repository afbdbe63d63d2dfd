import type { Delivery } from '#lib/domain/component.ts';

/** A delivery in a box of the diagram, and in a sentence. */
export const DELIVERY_WORDS: Readonly<Record<Delivery, { readonly label: string; readonly how: string }>> = {
  'host-image': { label: 'ChromeOS image', how: 'A package of the ChromeOS image: cros deploy puts it on the device.' },
  vm_guest_tools: {
    label: 'VM guest tools',
    how: 'In chromeos-base/vm_guest_tools, a package of the Termina image: deploy_to_termina puts it there.',
  },
  termina_container_tools: {
    label: 'Container tools',
    how: 'In chromeos-base/termina_container_tools: an image of the Termina DLC that every container mounts at /opt/google/cros-containers.',
  },
  'termina-dlc': {
    label: 'Termina DLC',
    how: 'Another package of the Termina image, which the DLC termina-dlc brings to the device.',
  },
  deb: { label: 'Debian package', how: 'A Debian package that APT installs in the container.' },
  'compiled-in': {
    label: 'Compiled in',
    how: 'Compiled into the components that use it: build and deploy those.',
  },
};
