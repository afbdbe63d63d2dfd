import type { Deliveries } from '../domain/plan.ts';

/** How a change of each kind gets to a device, for the planner (the guide's sections on host, guest and container changes). */
export const DELIVERIES: Deliveries = {
  routes: [
    {
      delivery: 'host-image',
      sheet: 'host-service-change',
      packages: 'hostPackages',
      why: 'It is a package of ChromeOS itself: cros deploy copies just its files.',
    },
    {
      delivery: 'vm_guest_tools',
      sheet: 'guest-package',
      packages: 'packages',
      why: 'It is in the VM’s own file system: deploy_to_termina copies its files into the image that the next VM starts from.',
    },
    {
      delivery: 'termina-dlc',
      sheet: 'guest-package',
      packages: 'packages',
      why: 'It is a package of the Termina image: deploy_to_termina copies its files into the image that the next VM starts from.',
    },
    {
      delivery: 'termina_container_tools',
      sheet: 'container-tools',
      packages: 'packages',
      why: 'The container gets it as a copy under /opt/google/cros-containers: build it, have termina_container_tools collect it, deploy that.',
    },
    { delivery: 'deb', sheet: 'container-deb', why: 'It is a Debian package: install yours over the one from APT.' },
  ],
  detours: [
    {
      components: ['sommelier'],
      sheet: 'sommelier-in-container',
      when: 'To try things quickly: it needs no chroot and no deploy, and the VM goes on running. But it is not the build that ships.',
      inGuest: true,
    },
    {
      components: ['cros_im'],
      sheet: 'cros-im',
      when: 'To try things quickly: build and install it in the container, without making a package.',
      inGuest: true,
      preferredTo: 'To test what ships: build the Debian package, and install it as APT would.',
    },
    {
      components: ['lxd'],
      sheet: 'run-off-device',
      steps: ['lxd', 'lxd-ready', 'lxc'],
      when: 'To see whether it starts, or to debug it: it runs in the chroot, without device or VM.',
    },
    {
      components: ['tremplin', 'maitred', 'vm_syslog'],
      sheet: 'run-off-device',
      steps: ['run', 'run-as-root'],
      when: 'To see whether the program starts at all, or to debug it: it runs in the chroot, without device or VM, so nothing else of the guest is there.',
    },
    {
      components: ['container-guest-tools'],
      sheet: 'full-image',
      when: 'If you changed the scripts that make the Termina image, not a Debian package.',
    },
    {
      components: ['lxd'],
      sheet: 'guest-package',
      steps: ['deploy', 'start'],
      when: 'After emerge of app-emulation/lxd for the guest board, if only its files changed and nothing that it depends on.',
    },
  ],
  steps: {
    build: ['workon', 'build'],
    restart: ['restart'],
    collect: ['collect'],
    start: ['start', 'start-container', 'see'],
    otherDlc: ['deploy-dlcs'],
  },
  left: {
    restart: 'The services of VMs need no restart: nothing of the change runs in one of them.',
    restartOnce: 'The deploy to the guest, further down, restarts the services as well.',
    startOnce: 'The VM is started once, after the last deploy.',
    build: 'It is built already.',
  },
  imageOnly: {
    lxd: 'LXD is not built from the checkout: cros workon does not know it, and its two versions come with libraries of their own.',
  },
  rustBindings: { system_api: 'dev-rust/system_api' },
  definitions: {
    system_api: 'Nothing of it is installed: build it first, then everything that is compiled against it.',
    vm_protos:
      'Nothing of it is installed, and host and guest must agree: build it for both boards first, then everything at both ends.',
  },
  baguette: {
    sheet: 'baguette',
    steps: ['deploy'],
    why: 'The VM is a Baguette, which takes its tools from termina-tools-dlc instead of termina-dlc.',
    without: 'A Baguette guest has no such thing: its system is Debian, without Termina and LXD.',
  },
  fullImage: {
    sheet: 'full-image',
    why: 'The whole Termina image is built and brought to the device as termina-dlc.',
    noDlc: 'termina-dlc is not installed on the device, so there is no image to copy files into: deploy a whole one.',
    when: [
      'You synced the checkout: deploy one full image, then single packages again.',
      'The change brings a new user, a new package, or a library that the image does not have: only files of the named packages are copied.',
      'You changed the kernel of the VM: the kernel sheet ends in one.',
      'You changed termina_container_tools or another ebuild itself, not code that is worked on.',
    ],
  },
  inGuest:
    'The device runs no test image, so nothing can be deployed to it; but this can be built and used in the container of any device.',
  assumes: {
    imageTrack: 'that the device runs a test image',
    guest: 'that the VM is Termina with LXD, not a Baguette',
  },
  ownJob: 'Its job does not stop with vm_concierge, so the common restart would leave the old one running.',
  jobInterrupts: { ui: 'Restarting ui signs the user out, and stops every VM: what is not saved is lost.' },
  remedies: {
    imageTrack: {
      remedy:
        'Flash a test image: only it takes cros deploy and deploy_to_termina. cros flash does, from a checkout with an image built or downloaded.',
      sheet: 'prerequisites',
    },
    developerMode: { remedy: 'Switch the device to developer mode. That erases it.', sheet: 'prerequisites' },
    ownerHash: { remedy: 'Sign in on the device, or have autologin do it.', sheet: 'prerequisites' },
    jobs: { remedy: 'Start it on the device: start vm_concierge.' },
    vms: { remedy: 'Start the VM: open the Terminal app, or run vmc start --no-shell termina on the device.' },
    container: { remedy: 'Start the container: open the Terminal app.', sheet: 'container-shell' },
  },
};
