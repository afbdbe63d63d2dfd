import type { LogSource } from '../domain/log-source.ts';

/*
 * Why `tail … & cat >/dev/null; kill $!`: a command run over ssh without a pty does not end with its channel, and a
 * quiet `tail -F` never writes, so it never notices. The channel's end does close stdin: `cat` reads to that end,
 * then the tail is killed. `-F`, because these logs are rotated by renaming.
 */

/** The logs that the workbench follows out of the box. */
export const LOG_SOURCES: readonly LogSource[] = [
  {
    id: 'messages',
    label: 'Host services',
    place: 'device',
    follow: 'tail -n 500 -F -- /var/log/messages & cat >/dev/null; kill $!',
    format: 'chromeos-syslog',
    help: 'concierge, cicerone, seneschal, crosvm itself (as VM(number)) and most of ChromeOS: /var/log/messages, in UTC.',
  },
  {
    id: 'net',
    label: 'Network services',
    place: 'device',
    follow: 'tail -n 500 -F -- /var/log/net.log & cat >/dev/null; kill $!',
    format: 'chromeos-syslog',
    help: 'patchpanel, shill and DNS: /var/log/net.log. Only their errors are also in /var/log/messages.',
  },
  {
    id: 'termina',
    label: 'Termina VM',
    place: 'device',
    // The name is the VM's in URL-safe base64 with padding (chromeos-facts.md section 3.1): this one is termina.
    follow: 'tail -n 500 -F -- /run/daemon-store/crosvm/{ownerHash}/log/dGVybWluYQ==.log & cat >/dev/null; kill $!',
    format: 'crosvm',
    help: 'Kernel, maitred, tremplin and LXD of the VM called termina. In the time zone of the device, without a year; there while its owner is signed in.',
  },
];
