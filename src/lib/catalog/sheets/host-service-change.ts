import type { Sheet } from '../../domain/sheet.ts';
import { UNDO_IS_OF_CHECKOUT } from './pitfalls.ts';
import { DEVELOPER_MODE, HOST_PACKAGES_WORKED_ON, HOST_WORKON_CHECK, TEST_IMAGE } from './requirements.ts';
import { RESTART_SERVICES } from './steps.ts';

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
      checks: [HOST_WORKON_CHECK],
      pitfalls: [
        {
          symptom: 'error: unrecognized arguments: …, with your package in it.',
          remedy:
            'Keep start and the packages side by side: cros workon start -b BOARD PACKAGE is not understood, with the option before or after both it is.',
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
      requires: [HOST_PACKAGES_WORKED_ON],
      checks: [
        {
          place: 'outside',
          command: 'cros_sdk qlist-{board} {hostPackages...}',
          expect: 'The files of the package, for example /usr/bin/vm_concierge.',
          matches: '^/(?:usr|etc|opt|bin|sbin|lib\\w*)/\\S+$',
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
      checks: [
        {
          place: 'device',
          command: 'find /usr /etc /opt /sbin /lib* -xdev -type f -cmin -10',
          expect: 'What changed on the device within ten minutes: the files of your packages.',
          matches: '^/(?:usr|etc|opt|bin|sbin|lib\\w*)/\\S+$',
        },
      ],
      undo: {
        place: 'outside',
        command:
          'cros workon --board={board} stop {hostPackages...}; cros_sdk emerge-{board} {hostPackages...} && cros deploy {device} {hostPackages...}',
      },
      pitfalls: [
        {
          symptom: 'It says that the board does not match.',
          remedy:
            'The device runs an image of another board than the package was built for. Compare with the board fact.',
        },
        UNDO_IS_OF_CHECKOUT,
        {
          symptom: 'The new program fails with a missing symbol or library.',
          remedy:
            'Only this package was deployed, and checkout and image are too far apart. Flash a fresh image, then deploy again.',
        },
      ],
    },
    RESTART_SERVICES,
  ],
};
