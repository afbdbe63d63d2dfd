import * as v from 'valibot';

/**
 * Everything that can end or refuse a channel: a closed list. Each code has a title and an advice with the next
 * action; a screen shows both, and offers `action` as a button where there is one.
 */
export interface Advice {
  readonly title: string;
  readonly advice: string;
  readonly action:
    | 'retry'
    | 'edit-address'
    | 'allow-old-algorithms'
    | 'trust-host-key'
    | 'replace-host-key'
    | 'sign-in'
    | 'reload'
    | 'none';
}

export const ADVICE = {
  'address-invalid': {
    title: 'That is not an address',
    advice: 'Write it as you give it to ssh, such as root@192.0.2.7.',
    action: 'edit-address',
  },
  'name-not-found': {
    title: 'No such host',
    advice: 'The name does not resolve. Check its spelling, your VPN and your DNS, or use the IP address.',
    action: 'edit-address',
  },
  'connection-refused': {
    title: 'Nothing listens on that port',
    advice:
      'The host answers but no SSH server does. Check the port, and that the device runs a test image with sshd up.',
    action: 'retry',
  },
  'connection-timeout': {
    title: 'The host does not answer',
    advice: 'Check that the device is on, awake and on this network, then try again.',
    action: 'retry',
  },
  'host-unreachable': {
    title: 'No way to that host',
    advice: 'This machine has no route to it. Check the network, VPN and any ProxyJump host, then try again.',
    action: 'retry',
  },
  'not-ssh': {
    title: 'That is no SSH server',
    advice: 'Something else answers on that port. Check the port number.',
    action: 'edit-address',
  },
  'no-common-algorithm': {
    title: 'No algorithm that both sides take',
    advice:
      'A very old image knows only SHA-1 and CBC. Both are weak by now, so the relay refuses them. If this device runs one, say so: below on the Device page, or when you add it.',
    action: 'allow-old-algorithms',
  },
  'connection-lost': {
    title: 'The connection was lost',
    advice: 'The device may have restarted, slept or left the network. What ran over the connection has ended.',
    action: 'retry',
  },
  'host-key-unknown': {
    title: 'A device not seen before',
    advice: 'Compare the fingerprint with the one the device prints, then trust it.',
    action: 'trust-host-key',
  },
  'host-key-changed': {
    title: 'The host key changed',
    advice:
      'This device was reflashed or powerwashed, or another machine answers in its place. A powerwash, a flash from USB and --clobber-stateful make new keys; an ordinary update does not. If you did one of them, replace the key. If not, do not go on.',
    action: 'replace-host-key',
  },
  'host-key-revoked': {
    title: 'This host key is revoked',
    advice:
      'A line of known_hosts says @revoked for it: someone else may have its private half. Give the device new keys; remove that line only if you know why it is there.',
    action: 'retry',
  },
  'authentication-failed': {
    title: 'The device refused the login',
    advice:
      'No key, agent or password was accepted. On a test image the user is root; add testing_rsa as IdentityFile or type the password.',
    action: 'retry',
  },
  'prompt-cancelled': {
    title: 'Login cancelled',
    advice: 'A question of the login was not answered. Connect again to be asked again.',
    action: 'retry',
  },
  'exec-refused': {
    title: 'The device did not start the command',
    advice: 'Its SSH server refused a session or a terminal. Close other sessions, then try again.',
    action: 'retry',
  },
  'port-unavailable': {
    title: 'The local port cannot be used',
    advice: 'Choose another local port, or leave it empty for a free one. ss -ltnp names the program that has it.',
    action: 'retry',
  },
  'forward-refused': {
    title: 'Nothing answers at the other end',
    advice:
      'Start it on the device first, and check host and port: localhost is the device itself, the container is penguin.linux.test, a name that resolves while the container runs. Then connect again; the forward stays open.',
    action: 'none',
  },
  'forward-prohibited': {
    title: 'This forward is not allowed',
    advice:
      'Either the SSH server of the device does not allow it: see AllowTcpForwarding, DisableForwarding and PermitOpen in its sshd_config. Or the relay is a shared one, which opens no ports.',
    action: 'none',
  },
  'ssh-config-invalid': {
    title: 'The SSH configuration cannot be used',
    advice: 'Correct the entry of this Host in ~/.ssh/config, then try again.',
    action: 'retry',
  },
  'target-unknown': {
    title: 'No such device',
    advice: 'The relay does not know this device any more. Add it again.',
    action: 'none',
  },
  'targets-fixed': {
    title: 'The devices of this relay are fixed',
    advice: 'Whoever runs it chose them. Ask them to list yours, or run a relay of your own with npm start.',
    action: 'none',
  },
  'channel-unknown': {
    title: 'The session is gone',
    advice: 'The relay was restarted or the session waited too long for its page. Start a new one.',
    action: 'retry',
  },
  'channel-taken': {
    title: 'Opened in another window',
    advice: 'This session goes on in another window or tab. Take it back by reconnecting here.',
    action: 'retry',
  },
  'too-many-channels': {
    title: 'Too many sessions',
    advice: 'A limit is reached. Close terminals, logs or port forwards that you do not need, then try again.',
    action: 'retry',
  },
  'too-often': {
    title: 'Too often',
    advice: 'Wait as long as it says, then try again. End the script or close the pages that go on by themselves.',
    action: 'retry',
  },
  'malformed-message': {
    title: 'The page sent something the relay does not understand',
    advice: 'Page and relay may be of different versions. Reload the page.',
    action: 'reload',
  },
  'too-many-messages': {
    title: 'The page sent too much at once',
    advice: 'The relay ended this session so that others stay fast. Reload the page; report it if it happens twice.',
    action: 'reload',
  },
  'open-timeout': {
    title: 'The page did not say what to open',
    advice: 'Try again; reload the page if it happens twice.',
    action: 'retry',
  },
  'relay-stopping': {
    title: 'The relay was stopped',
    advice: 'Once it runs again (npm start), reconnect for a new one.',
    action: 'retry',
  },
  'relay-unreachable': {
    title: 'The relay does not answer',
    advice: 'Start it with npm start and open the link it prints. Map and sheets work without it.',
    action: 'retry',
  },
  'signed-out': {
    title: 'This page is not signed in to the relay',
    advice: 'Press Enter in the terminal of npm start, and open the link that it prints.',
    action: 'sign-in',
  },
  'not-saved': {
    title: 'The relay could not save that',
    advice: 'Mend that on the machine where the relay runs, then do it again.',
    action: 'retry',
  },
  internal: {
    title: 'The relay made a mistake',
    advice: 'Its terminal has the details. Try again, and report it if it happens twice.',
    action: 'retry',
  },
} as const satisfies Record<string, Advice>;

export type ProblemCode = keyof typeof ADVICE;

export const PROBLEM_CODES = Object.keys(ADVICE) as [ProblemCode, ...ProblemCode[]];

/** A host key as people compare it. */
const hostKey = v.object({
  /** e.g. `ssh-ed25519` */
  algorithm: v.pipe(v.string(), v.maxLength(64)),
  /** `SHA256:` and 43 base64 characters, as ssh-keygen -l prints it. */
  fingerprint: v.pipe(v.string(), v.regex(/^SHA256:[A-Za-z0-9+/]{43}$/)),
});

export type HostKey = v.InferOutput<typeof hostKey>;

/** What went wrong, said for a person: `message` names the thing and the reason; the advice belongs to the code. */
export const problemSchema = v.object({
  code: v.picklist(PROBLEM_CODES),
  message: v.pipe(v.string(), v.maxLength(1000)),
  /** With connection-lost: the other side did not close it; it was reset, or nothing came any more. */
  unclosed: v.optional(v.boolean()),
  /** With host-key-unknown, host-key-changed and host-key-revoked: what the device offered, and what was pinned before. */
  hostKey: v.optional(v.object({ offered: hostKey, pinned: v.optional(hostKey) })),
});

export type Problem = v.InferOutput<typeof problemSchema>;
