/** What differs between the two kinds of device, and the made-up names that all files agree on. */
export interface Identity {
  readonly arch: 'x86_64' | 'aarch64';
  readonly board: string;
  readonly model: string;
  /** The VM's board: tatl or tael (chromeos-facts 7.1). */
  readonly guestBoard: 'tatl' | 'tael';
  readonly hostKernel: string;
  readonly guestKernel: string;
  readonly email: string;
  readonly userHash: string;
}

/** The user and hash of the example in chromeos-facts 4. */
const email = 'testuser@gmail.com';
const userHash = '5c990f446325244d42d5919b06dcd2615e74cbfc';

const identities: Readonly<Record<Identity['arch'], Identity>> = {
  x86_64: {
    arch: 'x86_64',
    board: 'eve',
    model: 'eve',
    guestBoard: 'tatl',
    hostKernel: '6.6.99-08726-g28eab9a1f61e',
    guestKernel: '6.6.99-08726-g28eab9a1f61e-termina',
    email,
    userHash,
  },
  aarch64: {
    arch: 'aarch64',
    board: 'kukui-arm64',
    model: 'krane',
    guestBoard: 'tael',
    hostKernel: '6.6.99-08726-g28eab9a1f61e',
    guestKernel: '6.6.99-08726-g28eab9a1f61e-termina',
    email,
    userHash,
  },
};

/** The identity of a device of this architecture. */
export function identityOf(arch: Identity['arch']): Identity {
  return identities[arch];
}

/** The password of root on every ChromeOS test image (chromeos-facts 10). Public knowledge, not a secret. */
export const TEST_PASSWORD = 'test0000';
