import type { Machine } from '../machine/machine.ts';
import { fail, type Call, type Program } from '../shell/program.ts';

const SESSION_MANAGER = 'org.chromium.SessionManager';

/** `dbus-send` to session_manager, with the replies of chromeos-facts 4. */
export const dbusSend: Program = {
  name: 'dbus-send',
  run: async (call) => {
    const { machine } = call.shell.world;
    const destination = call.args.find((word) => word.startsWith('--dest='))?.slice('--dest='.length) ?? '';
    const [path, method = ''] = call.args.filter((word) => !word.startsWith('--'));
    if (!path)
      return fail(
        call,
        'Usage: dbus-send [--help] [--system | --session] [--dest=NAME] [--print-reply] <destination object path> <message name> [contents ...]',
      );
    if (destination !== SESSION_MANAGER || machine.session === 'no-bus') {
      return fail(
        call,
        `Error org.freedesktop.DBus.Error.ServiceUnknown: The name ${destination} was not provided by any .service files`,
      );
    }
    const reply = replyTo(method.split('.').at(-1) ?? '', machine);
    if (reply === null) {
      return fail(
        call,
        `Error org.freedesktop.DBus.Error.UnknownMethod: Method "${method.split('.').at(-1) ?? ''}" with signature "" on interface "${method.replace(/\.\w+$/, '')}" doesn't exist`,
      );
    }
    if (call.args.some((word) => word.startsWith('--print-reply'))) await call.stdout.write(header(call) + reply);
    return 0;
  },
};

let serial = 2;

function header(call: Call): string {
  const { now, random } = call.shell.world.machine;
  const seconds = (now().getTime() / 1000).toFixed(3) + String(Math.floor(random() * 1000)).padStart(3, '0');
  serial++;
  return `method return time=${seconds} sender=:1.14 -> destination=:1.${String(200 + serial)} serial=${String(serial)} reply_serial=2\n`;
}

function replyTo(method: string, { session, identity, userHash: hash }: Machine): string | null {
  const signedIn = session === 'user';
  const { email } = identity;
  switch (method) {
    case 'RetrievePrimarySession':
      // Nobody, or a guest: success, two empty strings.
      return `   string "${signedIn ? email : ''}"\n   string "${hash}"\n`;
    case 'IsGuestSessionActive':
      return `   boolean ${String(session === 'guest')}\n`;
    case 'RetrieveSessionState':
      return `   string "${signedIn ? 'started' : 'stopped'}"\n`;
    case 'RetrieveActiveSessions':
      return signedIn
        ? `   array [\n      dict entry(\n         string "${email}"\n         string "${hash}"\n      )\n   ]\n`
        : '   array [\n   ]\n';
    default:
      return null;
  }
}
