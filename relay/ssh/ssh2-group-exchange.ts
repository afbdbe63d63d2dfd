import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject, randomBytes } from 'node:crypto';

/** Sizes of the group in bits (RFC 8270; OpenSSH dh.h, DH_GRP_MIN and DH_GRP_MAX, checked by kexgexc.c). */
const BITS_MIN = 2048;
const BITS_MAX = 8192;

/** Length of the secret exponent, twice that of the longest key (OpenSSH dh.c, dh_gen_key), in bytes. */
const EXPONENT_BYTES = 64;

/** The object identifier of Diffie-Hellman keys (PKCS #3), in DER. */
const DH_KEY = Buffer.from('06092a864886f70d010301', 'hex');

/**
 * Node's crypto for ssh2's key exchange, with another `createDiffieHellman`. Node's own proves that a server's number
 * is a safe prime, before the server has proved who it is: 2 s of everybody's time for 3,072 bits, 28 s for 8,192
 * (measured on OpenSSH's moduli). OpenSSH looks at the size only.
 */
export function groupExchange(crypto: object): object {
  const createDiffieHellman = (prime: Buffer, generator: Buffer) => new ServersGroup(prime, generator);
  return Object.create(crypto, { createDiffieHellman: { value: createDiffieHellman } }) as object;
}

/** One exchange in a group that the server chose; what ssh2 uses of node:crypto's DiffieHellman. */
export class ServersGroup {
  readonly #prime: Buffer;
  readonly #generator: Buffer;
  readonly #algorithm: Buffer;
  readonly #key: KeyObject;

  /** Throws when the group's size is not what a client may take, or it is no group. */
  constructor(prime: Buffer, generator: Buffer) {
    this.#prime = withoutZeros(prime);
    this.#generator = withoutZeros(generator);
    const bits = Math.max(0, this.#prime.length * 8 - Math.clz32(this.#prime[0] ?? 0) + 24);
    if (bits < BITS_MIN || bits > BITS_MAX)
      throw new Error(`a Diffie-Hellman group of ${bits} bits; ${BITS_MIN} to ${BITS_MAX} will do`);
    this.#algorithm = sequence(DH_KEY, sequence(integer(this.#prime), integer(this.#generator)));
    const secret = der(OCTETS, integer(randomBytes(EXPONENT_BYTES)));
    const key = sequence(integer(Buffer.alloc(1)), this.#algorithm, secret);
    this.#key = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  }

  /** The public half, without leading zeros. */
  generateKeys(): Buffer {
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    const algorithm = contentOf(spki, contentOf(spki, 0).start);
    const bits = contentOf(spki, algorithm.end);
    // A bit string begins with the number of bits that do not count.
    const { start, end } = contentOf(spki, bits.start + 1);
    return withoutZeros(spki.subarray(start, end));
  }

  /** Throws for a public half that gives the secret away (0, 1, and the prime less one). */
  computeSecret(theirs: Buffer): Buffer {
    const key = sequence(this.#algorithm, der(BITS, Buffer.alloc(1), integer(withoutZeros(theirs))));
    const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
    return diffieHellman({ privateKey: this.#key, publicKey });
  }

  getPrime(): Buffer {
    return this.#prime;
  }

  getGenerator(): Buffer {
    return this.#generator;
  }
}

/** Tags of DER (ITU-T X.690). */
const INTEGER = 0x02;
const BITS = 0x03;
const OCTETS = 0x04;
const SEQUENCE = 0x30;

/** An element of DER, of at most 64 KiB. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(SEQUENCE, ...parts);

/** A number that is not negative. */
function integer(bytes: Buffer): Buffer {
  return der(INTEGER, Buffer.alloc((bytes[0] ?? 0) & 0x80 ? 1 : 0), bytes);
}

/** Where the content of the element at `offset` begins and ends. */
function contentOf(bytes: Buffer, offset: number): { readonly start: number; readonly end: number } {
  const first = bytes[offset + 1] ?? 0;
  const count = first & 0x80 ? first & 0x7f : 0;
  const start = offset + 2 + count;
  const length = count === 0 ? first : bytes.readUIntBE(offset + 2, count);
  return { start, end: start + length };
}

/** The same number; nothing of zero is left. */
function withoutZeros(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.alloc(0) : bytes.subarray(first);
}
