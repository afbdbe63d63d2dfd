import type { Sheet } from '../../domain/sheet.ts';
import { DEVELOPER_MODE, SIGNED_IN, TEST_IMAGE } from './requirements.ts';

export const hostServiceChange: Sheet = {
  id: 'host-service-change',
  title: 'Change a host service',
  summary: 'For code that runs on ChromeOS itself: concierge, cicerone, seneschal, vmc, crosvm and the like.',
  guideSections: ['Host service changes'],
  kind: 'sequence',
  steps: [
    {
      id: 'workon',
      title: 'Build from your source',
      place: 'outside',
      command: 'cros workon --board={board} start {hostPackages...}',
      why: 'Until then the build takes finished packages instead of your checkout. Needed once for each package and board.',
      checks: [
        {
          place: 'outside',
          command: 'cros workon --board={board} list',
          expect: 'Your packages, with their category: chromeos-base/vm_host_tools.',
        },
      ],
      pitfalls: [
        {
          symptom: 'error: unrecognized arguments, with your package in it.',
          remedy: 'Keep start and the packages side by side: an option between them is not understood.',
        },
      ],
      undo: { place: 'outside', command: 'cros workon --board={board} stop {hostPackages...}' },
    },
    {
      id: 'build',
      title: 'Build the package',
      place: 'outside',
      command: 'cros_sdk emerge-{board} {hostPackages...}',
      why: 'Compiles in the chroot and installs into the sysroot of the board, from which the next step deploys.',
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{board} {hostPackages...}',
          expect: 'The files of the package, for example /usr/bin/vm_concierge.',
        },
      ],
      pitfalls: [
        {
          symptom: 'The change is not in what was built.',
          remedy: 'See the first step: without cros workon the build ignores the checkout.',
        },
        {
          symptom: 'You changed system_api or the VM protobufs, and nothing on the device changes.',
          remedy:
            'They are only compiled in. Build and deploy the services that use them as well, such as vm_host_tools.',
        },
      ],
    },
    {
      id: 'deploy',
      title: 'Deploy it to the device',
      place: 'outside',
      command: 'cros deploy {device} {hostPackages...}',
      why: 'Copies the files of the package over those on the device. Running services keep the old ones until they are restarted.',
      requires: [TEST_IMAGE, DEVELOPER_MODE],
      interrupts: 'The first time, it switches off root file system verification and reboots the device.',
      pitfalls: [
        {
          symptom: 'It says that the board does not match.',
          remedy:
            'The device runs an image of another board than the package was built for. Compare with the board fact.',
        },
        {
          symptom: 'The new program fails with a missing symbol or library.',
          remedy:
            'Only this package was deployed, and checkout and image are too far apart. Flash a fresh image, then deploy again.',
        },
      ],
    },
    {
      id: 'restart',
      title: 'Restart all VM services together',
      place: 'device',
      command: 'stop vm_concierge; start vm_concierge',
      why: 'The services hold state about each other, so they must all begin anew. They follow the stopped event of vm_concierge. restart vm_concierge does not send it, so it would renew concierge alone. The ; instead of && also starts it where it was not running.',
      requires: [SIGNED_IN],
      interrupts: 'Stops every running VM: what is not saved in Linux apps is lost.',
      checks: [
        { place: 'device', command: 'status vm_concierge', expect: 'vm_concierge start/running, process and a number' },
        { place: 'device', command: 'status vm_cicerone', expect: 'vm_cicerone start/running, process and a number' },
      ],
      pitfalls: [
        {
          symptom: 'stop: Unknown instance:',
          remedy: 'It was not running. No harm: the start follows.',
        },
        {
          symptom: 'stop takes half a minute.',
          remedy: 'It waits up to 30 seconds for VMs to shut down.',
        },
        {
          symptom: 'start succeeds, status soon says stop/waiting.',
          remedy:
            'The new program does not come up. Its last words are in /var/log/messages; its crash dumps in /var/spool/crash.',
        },
      ],
      errata: ['e13-restart-concierge', 'e14-start-on'],
    },
  ],
};
