import type { Sheet } from '../../domain/sheet.ts';
import { COPY_BROKEN, GARCON_SILENT, NO_CONTAINER, SHELL_HANGS } from './pitfalls.ts';
import { CONTAINER_RUNNING, SIGNED_IN, VM_RUNNING } from './requirements.ts';

export const containerDeb: Sheet = {
  id: 'container-deb',
  title: 'Change a Debian package of the container',
  summary: 'For what APT installs in the container: the cros-… packages, cros-im, or any other .deb you built.',
  guideSections: ['Container changes'],
  kind: 'sequence',
  steps: [
    {
      id: 'build',
      title: 'Build the packages',
      place: 'outside',
      command: 'cd ~/chromiumos/src/platform/container-guest-tools && bazelisk build //cros-debs:debs',
      onlyIf: 'The package is one of cros-container-guest-tools. Others are built as their source says.',
      why: 'Builds every cros-… package. The files are in bazel-bin, in the directory of each package.',
      checks: [
        {
          place: 'outside',
          command: 'cd ~/chromiumos/src/platform/container-guest-tools && find -L bazel-bin -name "*.deb"',
          expect: 'The packages, for example bazel-bin/cros-garcon/cros-garcon_0.38_all.deb.',
          matches: '^bazel-bin/\\S+\\.deb$',
        },
      ],
      pitfalls: [
        {
          symptom: 'bazelisk: command not found',
          remedy: 'Bazelisk is a program of its own, not part of the checkout. Install it from its releases.',
        },
      ],
    },
    {
      id: 'copy',
      title: 'Copy the package into the container',
      place: 'outside',
      command:
        'cat -- {deb} | ssh {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{ cat > /tmp/change.deb }} }}',
      why: 'The name of the file does not matter: apt reads name and version of the package from inside it.',
      requires: [SIGNED_IN, VM_RUNNING, CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: 'dpkg-deb -f /tmp/change.deb Package Version',
          expect: 'Name and version of your package.',
          matches: '^Package: [a-z0-9][a-z0-9+.-]+\\nVersion: \\S+$',
        },
      ],
      pitfalls: [NO_CONTAINER, GARCON_SILENT, SHELL_HANGS, COPY_BROKEN],
      undo: { place: 'penguin', command: 'rm /tmp/change.deb' },
    },
    {
      id: 'install',
      title: 'Install it',
      place: 'penguin',
      command: 'sudo apt-get install -y --reinstall --allow-downgrades /tmp/change.deb',
      why: 'The path makes apt take the file instead of a package of that name; a file beside you needs ./ in front. The options also take the version that is installed, and a lower one.',
      requires: [
        {
          text: 'The package is in the container: the step before.',
          check: {
            place: 'penguin',
            command: 'dpkg-deb -f /tmp/change.deb Package Version',
            expect: 'Name and version of your package.',
            matches: '^Package: [a-z0-9][a-z0-9+.-]+\\nVersion: \\S+$',
          },
        },
      ],
      checks: [
        {
          place: 'penguin',
          command:
            "dpkg-query -W -f '$\\{db:Status-Status\\} $\\{Version\\}\\n' $(dpkg-deb -f /tmp/change.deb Package)",
          expect: 'installed, and the version of your package.',
          matches: '^installed \\S+$',
        },
      ],
      pitfalls: [
        {
          symptom: 'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)',
          remedy: 'Only root may install: sudo was left out, as the guide does.',
        },
        {
          symptom: 'E: Unable to locate package …',
          remedy: 'apt took a file name for the name of a package. Write a path: ./NAME.deb.',
        },
        {
          symptom: 'The change is gone after some days.',
          remedy:
            'APT upgraded the package. Give yours a higher version, or hold it with sudo apt-mark hold and its name.',
        },
      ],
      undo: {
        place: 'penguin',
        command:
          'sudo apt-get install -y --allow-downgrades $(dpkg-deb -f /tmp/change.deb Package)/$(. /etc/os-release; echo $VERSION_CODENAME)',
      },
      errata: ['e38-apt-needs-root'],
    },
  ],
};
