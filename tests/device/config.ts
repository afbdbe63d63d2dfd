/** What a device under test is made as. Written once by `up`, read by every program on the device. */
export interface DeviceConfig {
  readonly name: string;
  /** 1: an unprivileged user namespace, guests are namespaces. 2: root, a network of its own, LXD in termina. */
  readonly tier: 1 | 2;
  /** What `uname -m` answers: the machine's own, or a stand-in for the other. */
  readonly arch: 'x86_64' | 'aarch64';
  /** CHROMEOS_RELEASE_TRACK is `testimage-channel`, and autologin.py is there. */
  readonly testImage: boolean;
  /** Whether termina-dlc is installed: without it no VM starts. */
  readonly terminaDlc: boolean;
  /** crostini: termina with LXD. baguette: containerless, no LXD, no user chronos (chromeos-facts.md section 7.4). */
  readonly vmType: 'crostini' | 'baguette';
  /** The release whose `vmc list` is spoken (chromeos-facts.md section 2.2). */
  readonly vmcListFormat: '2025-07' | '2024-02' | 'older';
  /** Who signs in: on `up`, and with autologin.py. The hash is 40 lower-case hex digits. */
  readonly user: { readonly email: string; readonly hash: string };
  /** The release whose form the errors of `vsh` have (chromeos-facts.md section 1.5). */
  readonly vshRelease: '2026' | '2022' | '2018';
  /** What `crossystem cros_debug` answers: whether the device is in developer mode. */
  readonly devMode: boolean;
  /** Tier 1 without namespaces: an sshd of this user's own beside the stand-ins, and no VM. */
  readonly plain: boolean;
  /** The user with uid 1000 in the container (or in the Baguette VM). */
  readonly guestUser: string;
  /** Of the device's clock, as in /usr/share/zoneinfo. The VM log is written in it, /var/log/messages in UTC. */
  readonly timeZone: string;
}

/** Who signs in unless told otherwise. The hash has the form of a real one (chromeos-facts.md section 4); real ones are salted. */
export const TEST_USER = { email: 'testuser@gmail.com', hash: '5c990f446325244d42d5919b06dcd2615e74cbfc' } as const;

/** A device as `up` makes it without options. */
export function defaultConfig(name: string, tier: 1 | 2): DeviceConfig {
  return {
    name,
    tier,
    arch: process.arch === 'arm64' ? 'aarch64' : 'x86_64',
    testImage: true,
    terminaDlc: true,
    vmType: 'crostini',
    vmcListFormat: '2025-07',
    vshRelease: '2026',
    devMode: true,
    plain: false,
    user: TEST_USER,
    guestUser: 'testuser',
    timeZone: 'America/Los_Angeles',
  };
}
