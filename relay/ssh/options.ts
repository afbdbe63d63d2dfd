import { PROMPT_DEADLINE_MS } from '#lib/protocol/limits.ts';

/** Where a log line goes. Fields never hold a secret. */
export type Log = (level: 'debug' | 'info' | 'warn' | 'error', fields: Record<string, unknown>, text: string) => void;

export interface SshTransportOptions {
  /** The relay's own known_hosts; created with mode 0600 when the first key is trusted. */
  readonly knownHostsFile: string;
  /** The person's home: ~/.ssh/config, ~/.ssh/known_hosts, known_hosts2 and the default identities are read there. */
  readonly home: string;
  /** What holds for every user of the machine, after the person's own. Default: /etc/ssh/ssh_config. */
  readonly systemConfigFile?: string;
  /** Keys trusted and revoked for every user of the machine. Default: /etc/ssh/ssh_known_hosts and ssh_known_hosts2. */
  readonly systemKnownHostsFiles?: readonly string[];
  /** Where the marks of running commands are kept for a relay that comes after this one; without it in memory only. */
  readonly remainsDirectory?: string;
  /** For SSH_AUTH_SOCK, CHROMIUMOS_ROOT and `${NAME}` in the configuration. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** ChromiumOS checkouts that may hold chromite's testing_rsa. */
  readonly chromiumosCheckouts?: readonly string[];
  readonly log: Log;
  /** For tests; see DEADLINES. In ms. */
  readonly deadlines?: Partial<Deadlines>;
}

/** All in ms. */
export interface Deadlines {
  /** Name, TCP connection and key exchange of one hop. */
  readonly connect: number;
  /** The server's answer to one authentication request; a person's time does not count. */
  readonly authenticate: number;
  /** The server's answer to one session request. */
  readonly session: number;
  /** A connection with no channel is closed after this. */
  readonly idle: number;
  /** Between two questions whether the peer is still there; after four without an answer the connection is lost. */
  readonly keepalive: number;
  /** A person's answer to a question. */
  readonly prompt: number;
}

/**
 * connect: what ssh's users wait before they give up. authenticate: PAM waits 2 to 3 s after a wrong password, and a
 * DUT's sshd up to 20 s for a reverse lookup. session: the same server at work, a full disk included. idle: as the
 * usual ControlPersist. keepalive: a reply may wait behind a saturated link's data (web-terminals.md section 2), so a
 * minute in all.
 */
export const DEADLINES: Deadlines = {
  connect: 10_000,
  authenticate: 30_000,
  session: 10_000,
  idle: 60_000,
  keepalive: 15_000,
  prompt: PROMPT_DEADLINE_MS,
};
