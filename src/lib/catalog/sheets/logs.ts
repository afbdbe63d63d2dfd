import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import { CONTAINER_RUNNING, SIGNED_IN } from './requirements.ts';

const NO_LOG_DIRECTORY: Pitfall = {
  symptom: 'No such file or directory',
  remedy:
    'Nobody is signed in, so the directory of the user is not mounted; or no VM of this name ever ran. If somebody is: put nsenter -t1 -m in front, for a shell that does not see the mount.',
};

const ROTATED: Pitfall = {
  symptom: 'The line looked for is not there.',
  remedy: 'The log was moved on: read .log.1 to .log.5 too, or take vmc logs, which joins them.',
};

export const logs: Sheet = {
  id: 'logs',
  title: 'Read the logs',
  summary:
    'Where everything writes, from Chrome to the units of the container. Each step is one log; the Logs page follows them.',
  guideSections: ['Where to find logs', 'Chrome', 'Host Services', 'Termina Services', 'Container Services'],
  kind: 'choice',
  steps: [
    {
      id: 'chrome',
      title: 'Chrome',
      place: 'device',
      command: 'tail -n 500 /var/log/chrome/chrome',
      why: 'On a test image Chrome stays with this file after somebody signs in. On other images the session logs to /home/chronos/user/log/chrome.',
      checks: [
        {
          place: 'device',
          command: 'tail -n 1 /var/log/chrome/chrome',
          expect: 'A line with a time and a level.',
          matches: '\\b(?:ERROR|WARNING|INFO|VERBOSE\\d*)\\b',
        },
      ],
      pitfalls: [
        {
          symptom: 'Only warnings and errors.',
          remedy: 'That is the default. Add --log-level=0 to /etc/chrome_dev.conf and run restart ui.',
        },
        {
          symptom: 'Chrome does not even start.',
          remedy: 'What it printed before it had a log is in /var/log/ui/ui.LATEST.',
        },
      ],
    },
    {
      id: 'host',
      title: 'Host services',
      place: 'device',
      command:
        "grep -E ' (vm_concierge|vm_cicerone|seneschal|chunneld|vmlog_forwarder|dlcservice|VM\\([0-9]+\\))\\[' /var/log/messages",
      why: 'All of them log to /var/log/messages; crosvm does as VM(number). Times are UTC there, whatever the zone of the device.',
      checks: [
        {
          place: 'device',
          command: 'tail -n 1 /var/log/messages',
          expect: 'A line that starts with a time and a severity.',
          matches: '^\\d{4}-\\d\\d-\\d\\dT\\S+ [A-Z]+ ',
        },
      ],
      pitfalls: [
        {
          symptom: 'The beginning is missing.',
          remedy: 'The file is rotated each day: /var/log/messages.1 to .7 are the days before.',
        },
        {
          symptom: '/var/log/vmlog has nothing of VMs.',
          remedy: 'Its name misleads: it holds statistics of virtual memory.',
        },
        {
          symptom: 'A service is killed or restarted, and its log does not say why.',
          remedy: 'Upstart writes to /var/log/upstart.log; crash dumps are in /var/spool/crash.',
        },
      ],
      errata: ['e29-dead-links'],
    },
    {
      id: 'host-follow',
      title: 'Host services, as they come',
      place: 'device',
      command: 'tail -n 50 -F /var/log/messages',
      interactive: true,
      why: '-F, not -f: it goes on after the file was rotated.',
      checks: [
        {
          place: 'device',
          command: 'tail -n 1 /var/log/messages',
          expect: 'A line that starts with a time and a severity.',
          matches: '^\\d{4}-\\d\\d-\\d\\dT\\S+ [A-Z]+ ',
        },
      ],
    },
    {
      id: 'termina',
      title: 'Termina: kernel, maitred, tremplin, LXD',
      place: 'device',
      command: 'cat /run/daemon-store/crosvm/{ownerHash}/log/$(printf %s {vm} | base64 -w 0 | tr +/ -_).log',
      why: 'What the VM writes to its console, and its syslog. The file is named after the VM in base64 with the URL-safe alphabet, which the part in parentheses computes for any name. Times are in the zone of the device, without a year.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'device',
          command: 'tail -n 1 /run/daemon-store/crosvm/{ownerHash}/log/$(printf %s {vm} | base64 -w 0 | tr +/ -_).log',
          expect: 'A line with a time, a priority and VM(number).',
          matches: '^[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d <\\d+>  VM\\(\\d+\\): ',
        },
      ],
      pitfalls: [NO_LOG_DIRECTORY, ROTATED],
      errata: ['e18-base64-alphabet'],
    },
    {
      id: 'termina-follow',
      title: 'Termina, as it comes',
      place: 'device',
      command: 'tail -n 50 -F /run/daemon-store/crosvm/{ownerHash}/log/$(printf %s {vm} | base64 -w 0 | tr +/ -_).log',
      interactive: true,
      why: '-F goes on after a rotation. The number in VM(number) is another after each start of the VM.',
      requires: [SIGNED_IN],
      pitfalls: [NO_LOG_DIRECTORY],
    },
    {
      id: 'termina-rotated',
      title: 'Termina, with what was rotated',
      place: 'device',
      command:
        'for number in 5 4 3 2 1; do cat /run/daemon-store/crosvm/{ownerHash}/log/$(printf %s {vm} | base64 -w 0 | tr +/ -_).log.$number 2>/dev/null; done; cat /run/daemon-store/crosvm/{ownerHash}/log/$(printf %s {vm} | base64 -w 0 | tr +/ -_).log',
      why: 'Every 24 hours after vmlog_forwarder started, .log becomes .log.1 and so on; five are kept. This joins them, oldest first.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'device',
          command: 'ls /run/daemon-store/crosvm/{ownerHash}/log',
          expect: 'The log, and .log.1 and so on once it was rotated.',
          matches: '^[\\w-]+=*\\.log(?:\\.[1-5])?$',
        },
      ],
      pitfalls: [NO_LOG_DIRECTORY],
      errata: ['e19-rotation'],
    },
    {
      id: 'vmc',
      title: 'Termina, through vmc',
      place: 'device',
      command: 'CROS_USER_ID_HASH={ownerHash} vmc logs {vm}',
      why: 'concierge joins the rotated files by itself, oldest first and at most 30 MiB. It needs no path and works for any VM, also one that is stopped.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'device',
          command: 'CROS_USER_ID_HASH={ownerHash} vmc logs {vm} | tail -n 1',
          expect: 'A line with a time, a priority and VM(number).',
          matches: '^[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d <\\d+>  VM\\(\\d+\\): ',
        },
      ],
      pitfalls: [
        {
          symptom: 'Error: no such subcommand: `logs`',
          remedy: 'An image from before vmc logs: read the file itself.',
        },
        {
          symptom: 'missing active session corresponding to $CROS_USER_ID_HASH',
          remedy: 'The hash belongs to somebody who is not signed in. Read it again.',
        },
      ],
      errata: ['e31-baguette'],
    },
    {
      id: 'garcon',
      title: 'Container: garcon',
      place: 'penguin',
      command: 'journalctl --user-unit=cros-garcon.service --no-pager',
      why: 'garcon and sommelier are units of the user, which journalctl alone mixes with everything else. -f follows, -b leaves only the present start.',
      requires: [CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: 'systemctl --user show -p ActiveState cros-garcon.service',
          expect: 'ActiveState=active',
          matches: '^ActiveState=active$',
        },
      ],
      pitfalls: [
        {
          symptom: 'Hint: You are currently not seeing messages from other users and the system.',
          remedy: 'Only your own entries are shown. Put sudo in front for all.',
        },
        {
          symptom: '-- No entries --',
          remedy:
            'The unit wrote nothing since the journal began, or is not installed: systemctl --user status cros-garcon tells.',
        },
      ],
      errata: ['e43-user-units'],
    },
    {
      id: 'sommelier',
      title: 'Container: sommelier',
      place: 'penguin',
      command: "journalctl --user-unit='sommelier@*' --user-unit='sommelier-x@*' --no-pager",
      why: 'One unit for each Wayland and each X display: sommelier@0, sommelier@1, sommelier-x@0, sommelier-x@1.',
      requires: [CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: "systemctl --user show -p ActiveState 'sommelier@0.service'",
          expect: 'ActiveState=active',
          matches: '^ActiveState=active$',
        },
      ],
    },
    {
      id: 'container-system',
      title: 'Container: system units',
      place: 'penguin',
      command: 'sudo journalctl --system --no-pager -b',
      why: 'What belongs to no user: cros-sftp, networking, apt and the rest of Debian, since the container started.',
      requires: [CONTAINER_RUNNING],
      checks: [
        {
          place: 'penguin',
          command: 'sudo journalctl --system --no-pager -b -n 1 -o short-iso',
          expect: 'A line that starts with a time.',
          matches: '^\\d{4}-\\d\\d-\\d\\dT\\S+ \\S+ ',
        },
      ],
    },
  ],
};
