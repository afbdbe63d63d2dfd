import type { Sheet } from '../../domain/sheet.ts';
import { NO_PERMISSION_DEVICE } from './pitfalls.ts';
import { TEST_IMAGE } from './requirements.ts';

export const prerequisites: Sheet = {
  id: 'prerequisites',
  title: 'Get the device ready',
  summary: 'Once for each device and after each reflash: reach it, know its board, have somebody signed in.',
  guideSections: ['How do I build/deploy/test my change?', 'General prerequisites'],
  kind: 'sequence',
  steps: [
    {
      id: 'reach',
      title: 'Reach the device over ssh',
      place: 'outside',
      command: 'ssh {device} -- echo OK',
      why: 'Every later step goes over ssh: cros deploy and deploy_to_termina do so too, with the key for test images. The same line works inside the chroot.',
      requires: [TEST_IMAGE],
      checks: [{ place: 'outside', command: 'ssh {device} -- whoami', expect: 'root', matches: '^root$' }],
      pitfalls: [
        NO_PERMISSION_DEVICE,
        {
          symptom: 'UNPROTECTED PRIVATE KEY FILE!',
          remedy: 'A checkout leaves the key readable for others, and ssh ignores it. Use a copy with mode 0400.',
        },
        {
          symptom: 'REMOTE HOST IDENTIFICATION HAS CHANGED!',
          remedy:
            'The device got new keys, as after a powerwash, a flash from USB or --clobber-stateful. If that is what happened, remove the old one with ssh-keygen -R and its address.',
        },
        {
          symptom: 'no matching host key type found. Their offer: ssh-rsa',
          remedy:
            'A very old image. Add HostKeyAlgorithms +ssh-rsa and PubkeyAcceptedAlgorithms +ssh-rsa for this host.',
        },
      ],
      errata: ['e09-device-name', 'e10-impossible-address', 'e11-ssh-as-root', 'e12-prompts'],
    },
    {
      id: 'image',
      title: 'See that it runs a test image in developer mode',
      place: 'device',
      command: "grep '^CHROMEOS_RELEASE_TRACK=' /etc/lsb-release; crossystem cros_debug",
      why: 'Only a test image has ssh, autologin and a root file system that packages can be deployed to.',
      checks: [
        {
          place: 'device',
          command: "grep '^CHROMEOS_RELEASE_TRACK=' /etc/lsb-release",
          expect: 'CHROMEOS_RELEASE_TRACK=testimage-channel',
          matches: '^CHROMEOS_RELEASE_TRACK=testimage-channel$',
        },
        { place: 'device', command: 'crossystem cros_debug', expect: '1', matches: '^1$' },
      ],
      pitfalls: [
        {
          symptom: 'The track is another, such as dev-channel or stable-channel.',
          remedy: 'Put a test image of the same board on the device, with cros flash from the checkout.',
        },
      ],
    },
    {
      id: 'board',
      title: 'Find the board',
      place: 'device',
      command: "grep '^CHROMEOS_RELEASE_BOARD=' /etc/lsb-release",
      why: 'Packages are built for a board. This name is what the guide means by BOARD; the device fills it in here by itself.',
      checks: [
        {
          place: 'inside',
          command: 'ls -d /build/{board}',
          expect: 'The directory, which shows that the chroot is set up for this board.',
          matches: '^/build/[a-z0-9][a-z0-9_-]*$',
        },
      ],
      pitfalls: [
        {
          symptom: 'The name ends in something like -signed-mp-v2keys.',
          remedy:
            'Leave that part out: it is the key the image was signed with. It also shows that this is no test image.',
        },
        {
          symptom: 'ls: cannot access /build/…',
          remedy: 'Set the board up in the chroot first; see "Select a board" in the ChromiumOS developer guide.',
        },
      ],
    },
    {
      id: 'sign-in',
      title: 'Sign in',
      place: 'device',
      command: '/usr/local/autotest/bin/autologin.py -d',
      why: 'Crostini belongs to a user: nothing of it runs before somebody signs in. This signs in a made-up test user; a test account by hand does as well. A guest session does not.',
      requires: [TEST_IMAGE],
      interrupts: 'Restarts Chrome on the device: the present session and its VMs end.',
      checks: [
        {
          place: 'device',
          command:
            'dbus-send --system --print-reply --type=method_call --dest=org.chromium.SessionManager /org/chromium/SessionManager org.chromium.SessionManagerInterface.RetrievePrimarySession',
          expect: 'Two strings: a user name, and the owner hash of 40 hex digits.',
          matches: '^ +string "[0-9a-f]{40}"$',
        },
      ],
      pitfalls: [
        {
          symptom: 'Both strings are empty.',
          remedy: 'Nobody is signed in, or only a guest. The exit status is 0 all the same.',
        },
        {
          symptom: 'The VM disk from yesterday is gone.',
          remedy: 'autologin.py ran without -d at some point, which replaces the profile and with it the disk.',
        },
        {
          symptom: 'No such file or directory',
          remedy: 'The image is no test image. Sign in with a test account on the device itself.',
        },
      ],
      errata: ['e34-autologin'],
    },
  ],
};
