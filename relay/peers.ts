import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** This machine's own addresses, as a proxy beside the relay has them. */
export const LOOPBACK_PEERS: readonly string[] = ['127.0.0.0/8', '::1'];

/** Entries of X-Forwarded-For that are looked at: no way in has more proxies. */
const HOPS_MAX = 16;

/**
 * Which addresses a proxy has, and who asks through it. X-Forwarded-For grows at its end, each proxy adding whom it
 * heard, so the last entry that is not a proxy's is the one nobody but a proxy can have written.
 */
export class Peers {
  readonly #proxies: BlockList | undefined;

  /** @param proxies IP addresses and CIDR ranges, as `isPeer` takes them; undefined: no proxy is before the relay */
  constructor(proxies: readonly string[] | undefined) {
    if (!proxies) return;
    this.#proxies = new BlockList();
    for (const proxy of proxies) {
      const [address = '', prefix] = proxy.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (prefix === undefined) this.#proxies.addAddress(address, family);
      else this.#proxies.addSubnet(address, Number(prefix), family);
    }
  }

  /** Whether this address may connect: behind a proxy only the proxy's may. */
  admits(address: string | undefined): boolean {
    return !this.#proxies || this.#isProxy(plain(address));
  }

  /** The address of whoever sends this request, as far as it can be believed; `unknown` once the connection is gone. */
  of({ socket, headersDistinct }: IncomingMessage): string {
    const direct = plain(socket.remoteAddress);
    if (!this.#proxies || !this.#isProxy(direct)) return direct;
    const hops = (headersDistinct['x-forwarded-for'] ?? []).join(',').split(',').slice(-HOPS_MAX).reverse();
    const asker = hops.map((hop) => plain(hop.trim())).find((hop) => !this.#isProxy(hop));
    return asker !== undefined && isIP(asker) !== 0 ? asker : direct;
  }

  #isProxy(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && (this.#proxies?.check(address, family === 6 ? 'ipv6' : 'ipv4') ?? false);
  }
}

/** True for an IP address, or a range of them in CIDR notation. */
export function isPeer(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0 || address.includes('%')) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 6 ? 128 : 32));
}

/** A server that listens on `::` sees IPv4 in IPv6. */
function plain(address: string | undefined): string {
  return (address ?? 'unknown').replace(/^::ffff:(?=[\d.]+$)/i, '');
}
