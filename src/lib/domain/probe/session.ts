import { type ProbeSection, probeFailure } from '../probe-parse.ts';

export type OwnerHashResult = { readonly value: string } | { readonly absent: string };

/**
 * The owner hash from the session manager's answers (chromeos-facts.md section 4). The exit status proves nothing:
 * nobody signed in is a success with two empty strings, so only 40 hex digits count, and each of the three other
 * outcomes gets its own words.
 */
export function ownerHash(session: ProbeSection, guestSession: ProbeSection | undefined): OwnerHashResult {
  const strings = session.lines.flatMap((line) => /^\s*string "(.*)"\s*$/.exec(line)?.[1] ?? []);
  const hash = strings.find((text) => /^[0-9a-f]{40}$/.test(text));
  if (hash !== undefined) return { value: hash };
  if (strings.length > 0)
    return {
      absent: guestSession?.lines.some((line) => /\bboolean true\b/.test(line))
        ? 'A guest session is active. Crostini needs a signed-in account: leave the guest session and sign in.'
        : 'Nobody is signed in. Sign in on the device, or run /usr/local/autotest/bin/autologin.py -d on a test image.',
    };
  const failure = probeFailure(session, 'dbus-send');
  if (failure !== undefined) return { absent: failure };
  const said = session.lines.find((line) => line.trim() !== '')?.trim();
  return {
    absent: `The session manager is not on the system bus: the ui job is stopped or restarting, or this is not ChromeOS.${said ? ` dbus-send says: ${said}` : ''}`,
  };
}
