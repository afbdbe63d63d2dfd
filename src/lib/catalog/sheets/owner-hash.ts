import type { Pitfall, Sheet } from '../../domain/sheet.ts';
import { NO_PERMISSION_DEVICE } from './pitfalls.ts';
import { SIGNED_IN } from './requirements.ts';

/** chromeos-facts.md section 4: three cases, of which none shows in an exit status. */
const CASES: readonly Pitfall[] = [
  {
    symptom: 'It prints nothing.',
    remedy: 'Nobody is signed in, or only a guest: the last step tells which. The exit status is 0 all the same.',
  },
  {
    symptom: 'Error org.freedesktop.DBus.Error.ServiceUnknown: …',
    remedy: 'The session manager is not running: the device is still booting, or Chrome crashed. Try start ui.',
  },
];

export const ownerHash: Sheet = {
  id: 'owner-hash',
  title: 'Get the owner hash',
  summary:
    'vsh, vmc and the log files name the user of a VM by a hash. The app reads it from a connected device by itself.',
  guideSections: ['Remote Access'],
  kind: 'choice',
  steps: [
    {
      id: 'from-workstation',
      title: 'From the workstation, into a variable',
      place: 'outside',
      command:
        'USER_HASH=$(ssh {device} -- {{ dbus-send --system --print-reply --type=method_call --dest=org.chromium.SessionManager /org/chromium/SessionManager org.chromium.SessionManagerInterface.RetrievePrimarySession }} | sed -nE \'s/^ *string "([0-9a-f]\\{40\\})"$/\\1/p\') && export USER_HASH && echo "$USER_HASH"',
      why: 'The session manager answers with the name of the user and the hash of it. Only a line that is a hash passes, so an error never ends up in the variable.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'outside',
          command: 'echo "$USER_HASH"',
          expect: '40 digits from 0 to 9 and a to f.',
          matches: '^[0-9a-f]{40}$',
        },
      ],
      pitfalls: [...CASES, NO_PERMISSION_DEVICE],
      errata: ['e09-device-name'],
    },
    {
      id: 'on-device',
      title: 'On the device',
      place: 'device',
      command:
        'dbus-send --system --print-reply --type=method_call --dest=org.chromium.SessionManager /org/chromium/SessionManager org.chromium.SessionManagerInterface.RetrievePrimarySession | sed -nE \'s/^ *string "([0-9a-f]\\{40\\})"$/\\1/p\'',
      why: 'The same question, asked there.',
      requires: [SIGNED_IN],
      checks: [
        {
          place: 'device',
          command:
            'dbus-send --system --print-reply --type=method_call --dest=org.chromium.SessionManager /org/chromium/SessionManager org.chromium.SessionManagerInterface.RetrievePrimarySession | sed -nE \'s/^ *string "([0-9a-f]\\{40\\})"$/\\1/p\'',
          expect: '40 digits from 0 to 9 and a to f.',
          matches: '^[0-9a-f]{40}$',
        },
      ],
      pitfalls: CASES,
    },
    {
      id: 'guest',
      title: 'When there is none: ask for a guest session',
      place: 'device',
      command:
        'dbus-send --system --print-reply --type=method_call --dest=org.chromium.SessionManager /org/chromium/SessionManager org.chromium.SessionManagerInterface.IsGuestSessionActive',
      why: 'A guest has no VMs and is never the primary user. false here means that nobody is signed in at all.',
      checks: [
        {
          place: 'device',
          command:
            'dbus-send --system --print-reply --type=method_call --dest=org.chromium.SessionManager /org/chromium/SessionManager org.chromium.SessionManagerInterface.IsGuestSessionActive',
          expect: 'boolean false: sign in. boolean true: sign out of the guest session first.',
          matches: '^ +boolean (?:true|false)$',
        },
      ],
    },
  ],
};
