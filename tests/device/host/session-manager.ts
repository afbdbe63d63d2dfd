import { createClient } from '@homebridge/dbus-native';
import { PATHS } from './paths.ts';
import type { Session } from './world.ts';

const NAME = 'org.chromium.SessionManager';
const PATH = '/org/chromium/SessionManager';

/**
 * Answers for ChromeOS' session manager on the real system bus, with the signatures of chromeos-facts.md section 4.
 * Resolves when it owns its name; afterwards, without a bus there is no device: `onLost` is told why.
 */
export function serveSessionManager(session: Session, onLost: (reason: string) => void): Promise<void> {
  const bus = createClient({ busAddress: `unix:path=${PATHS.systemBus}`, authMethods: ['EXTERNAL'] });
  bus.connection.on('error', (error) => onLost(`the system bus failed: ${error.message}`));
  bus.connection.on('end', () => onLost('the system bus is gone'));
  bus.exportInterface(
    {
      RetrievePrimarySession: () => [session.user?.email ?? '', session.user?.hash ?? ''],
      RetrieveActiveSessions: () => (session.user ? [[session.user.email, session.user.hash]] : []),
      RetrieveSessionState: () => (session.user || session.isGuest ? 'started' : 'stopped'),
      IsGuestSessionActive: () => session.isGuest,
    },
    PATH,
    {
      name: 'org.chromium.SessionManagerInterface',
      methods: {
        RetrievePrimarySession: ['', 'ss'],
        RetrieveActiveSessions: ['', 'a{ss}'],
        RetrieveSessionState: ['', 's'],
        IsGuestSessionActive: ['', 'b'],
      },
    },
  );
  return new Promise((resolve, reject) =>
    bus.requestName(NAME, 0, (error) => (error ? reject(new Error(`${NAME}: ${error.message}`)) : resolve())),
  );
}
