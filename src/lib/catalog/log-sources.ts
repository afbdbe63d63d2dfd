import type { LogSource } from '../domain/log-source.ts';

/*
 * Why `tail … & cat >/dev/null; kill $!`: a command run over ssh without a pty does not end with its channel, and a
 * quiet `tail -F` never writes, so it never notices. The channel's end does close stdin: `cat` reads to that end,
 * then the tail is killed. `-F`, because these logs are rotated by renaming.
 *
 * A journal is followed the same way. What runs in the background has /dev/null as its stdin, which vsh does not read
 * (chromeos-facts.md section 1.3), so the channel's stdin is left to `cat`; and vsh hands the signal on to journalctl.
 * As root in the container journalctl cannot be signalled by the user's vshd: there the reading `cat` stands beside
 * it, and the end of stdin goes all the way, as vsh does read a pipe.
 *
 * `--all`: without it journalctl leaves out the text of long records.
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
    id: 'upstart',
    label: 'Jobs',
    place: 'device',
    follow: 'tail -n 500 -F -- /var/log/upstart.log & cat >/dev/null; kill $!',
    format: 'chromeos-syslog',
    help: 'Which Upstart jobs started, stopped or were killed: /var/log/upstart.log.',
  },
  {
    id: 'chrome',
    label: 'Chrome',
    place: 'device',
    follow:
      'log=/home/chronos/user/log/chrome; if [ ! -e "$log" ] || grep -qs ^CHROMEOS_RELEASE_TRACK=testimage-channel /etc/lsb-release; then log=/var/log/chrome/chrome; fi; tail -n 500 -F -- "$log" & cat >/dev/null; kill $!',
    format: 'chrome',
    help: 'The browser, its Terminal and Crostini settings: /var/log/chrome/chrome. While a user is signed in on an image that is no test image, the log in the user’s home instead. Warnings and worse, unless Chrome runs with --log-level=0.',
  },
  {
    id: 'ui',
    label: 'Chrome’s start',
    place: 'device',
    follow: 'tail -n 500 -F -- /var/log/ui/ui.LATEST & cat >/dev/null; kill $!',
    format: 'chrome',
    help: 'What Chrome and session_manager print before their logs are open, crashes at start among it: /var/log/ui/ui.LATEST.',
  },
  {
    id: 'termina',
    label: 'Termina VM',
    place: 'device',
    // The name is the VM's in URL-safe base64 with padding (chromeos-facts.md section 3.1): this one is termina.
    follow: 'tail -n 500 -F -- /run/daemon-store/crosvm/{ownerHash}/log/dGVybWluYQ==.log & cat >/dev/null; kill $!',
    format: 'crosvm',
    help: 'Kernel, maitred, tremplin and LXD of the VM called termina, from its start on. In the time zone of the device, without a year; there while its owner is signed in.',
  },
  {
    id: 'vm-history',
    label: 'VM, all kept',
    place: 'device',
    // It ends by itself; the last 30 MiB of up to six files, oldest first (chromeos-facts.md section 2.4).
    follow: 'CROS_USER_ID_HASH={ownerHash} vmc logs {vm}',
    once: true,
    format: 'crosvm',
    help: 'The log of a VM with its rotated files, up to five days back, as vmc logs gives it. It is read once and not followed; works for a VM of any name, also while it is off.',
  },
  {
    id: 'penguin',
    label: 'Container',
    place: 'penguin',
    follow:
      'vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- sh -c {{exec $(sudo -n true 2>/dev/null && echo sudo -n) sh -c {{journalctl --follow --lines=500 --all --output=json --output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM,_PID & cat >/dev/null; kill $!}}}}',
    format: 'journal',
    help: 'Everything in the journal of the container: its system, and the services of its user. As root where sudo asks for no password, as in a fresh penguin.',
  },
  {
    id: 'penguin-user',
    label: 'Container, its user',
    place: 'penguin',
    follow:
      'vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- journalctl --follow --lines=500 --all --output=json --output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_COMM,_PID _UID=1000 & cat >/dev/null; kill $!',
    format: 'journal',
    help: 'garcon, sommelier and whatever else runs for the user of the container, from its journal.',
  },
];
