import { createClient } from '@homebridge/dbus-native';
import { PATHS } from './paths.ts';
import type { Session } from './world.ts';

const NAME = 'org.chromium.SessionManager';
const PATH = '/org/chromium/SessionManager';

/** ChromeOS' session manager on the system bus. */
export interface SessionManager {
  /** Takes its name: from now on it is there. Rejects if another has it. */
  readonly own: () => Promise<void>;
  /** Gives its name back: who asks for it now gets ServiceUnknown, the third state of chromeos-facts.md section 4. */
  readonly release: () => Promise<void>;
}

/**
 * Answers for ChromeOS' session manager on the real system bus, with the signatures of chromeos-facts.md section 4,
 * while its name is owned. Without a bus there is no device: `onLost` is told why.
 */
export function connectSessionManager(session: Session, onLost: (reason: string) => void): SessionManager {
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
  const settle =
    (resolve: () => void, reject: (error: Error) => void) =>
    (error: { message: string } | null): void =>
      error ? reject(new Error(`${NAME}: ${error.message}`)) : resolve();
  return {
    own: () => new Promise((resolve, reject) => bus.requestName(NAME, 0, settle(resolve, reject))),
    release: () => new Promise((resolve, reject) => bus.releaseName(NAME, settle(resolve, reject))),
  };
}
