import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { LOOPBACK_PEERS, Peers } from './peers.ts';

const from = (remoteAddress: string | undefined, ...forwarded: string[]): IncomingMessage =>
  ({ socket: { remoteAddress }, headersDistinct: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

describe('without a proxy', () => {
  it('everybody may connect, and is who connects, whatever they claim', () => {
    const peers = new Peers(undefined);
    expect(peers.admits('192.0.2.9')).toBe(true);
    expect(peers.of(from('192.0.2.9', '198.51.100.1'))).toBe('192.0.2.9');
    expect(peers.of(from('::ffff:192.0.2.9'))).toBe('192.0.2.9');
    expect(peers.of(from(undefined))).toBe('unknown');
  });
});

describe('behind a proxy', () => {
  const peers = new Peers(['192.0.2.1', '10.1.0.0/16', '2001:db8::/64', ...LOOPBACK_PEERS]);

  it.each([
    ['192.0.2.1', true],
    ['::ffff:192.0.2.1', true],
    ['192.0.2.2', false],
    ['10.1.255.255', true],
    ['10.2.0.0', false],
    ['2001:db8::7', true],
    ['2001:db8:0:1::7', false],
    ['127.0.0.1', true],
    ['::ffff:127.9.9.9', true],
    ['::1', true],
    ['unknown', false],
    [undefined, false],
  ])('%s may connect: %s', (address, admitted) => {
    expect(peers.admits(address)).toBe(admitted);
  });

  it.each([
    ['the last that is not a proxy', ['203.0.113.7, 198.51.100.1'], '198.51.100.1'],
    ['behind two of its proxies', ['203.0.113.7, 198.51.100.1, 10.1.2.3, 2001:db8::9'], '198.51.100.1'],
    ['in several headers', ['203.0.113.7', '198.51.100.1', '10.1.2.3'], '198.51.100.1'],
    ['in IPv6', ['2001:db8:1::1'], '2001:db8:1::1'],
    ['IPv4 in IPv6', ['::ffff:198.51.100.1'], '198.51.100.1'],
    ['none at all', [], '127.0.0.1'],
    ['its own proxies only', ['10.1.2.3, 127.0.0.1'], '127.0.0.1'],
    ['a name, which is none', ['198.51.100.1, evil.example'], '127.0.0.1'],
    ['a port with it, which is no address', ['198.51.100.1:80'], '127.0.0.1'],
    ['nothing at its end', ['198.51.100.1,'], '127.0.0.1'],
    ['half a megabyte', ['198.51.100.1,'.repeat(40_000) + '10.1.2.3'], '198.51.100.1'],
    ['a line that never ends', ['1'.repeat(100_000)], '127.0.0.1'],
  ])('who asks is %s', (_title, forwarded, asker) => {
    expect(peers.of(from('127.0.0.1', ...forwarded))).toBe(asker);
  });

  it('what somebody else says is not believed', () => {
    expect(peers.of(from('198.51.100.9', '203.0.113.7'))).toBe('198.51.100.9');
  });
});
