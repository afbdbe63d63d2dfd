import { describe, expect, it } from 'vitest';
import { isShared, originOf, originsOf, parseFlags } from './flags.ts';

const parse = (...args: string[]) => parseFlags(args, {});
const flagsOf = (...args: string[]) => {
  const parsed = parse(...args);
  if (!('flags' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.flags;
};
const PROXY = ['--behind-proxy', 'https://workbench.example'];
const TLS = ['--tls-cert', 'cert.pem', '--tls-key', 'key.pem'];

describe('without flags', () => {
  it('listens on loopback, with its own state and targets', () => {
    expect(parseFlags([], { XDG_STATE_HOME: '/x' })).toEqual({
      flags: {
        port: 7117,
        host: '127.0.0.1',
        open: true,
        device: undefined,
        stateDirectory: '/x/crostini-workbench',
        targets: undefined,
        fixedTargets: false,
        graceMs: undefined,
        tls: undefined,
        proxy: undefined,
        proxyPeers: undefined,
        audit: undefined,
      },
    });
  });
});

describe('a flag that cannot be', () => {
  it.each([
    ['an unknown one', ['--listen', 'x'], /--listen/],
    ['a word too many', ['x'], /x/],
    ['no port', ['--port', 'http'], /--port http is not a port/],
    ['a port out of range', ['--port', '65536'], /65535/],
    ['an empty port', ['--port', ''], /not a port/],
    ['no number of minutes', ['--grace', 'ten'], /--grace ten is no number of minutes/],
    ['a day and a minute', ['--grace', '1441'], /0 to 1440/],
    ['a negative grace', ['--grace=-1'], /0 to 1440/],
    ['part of a minute', ['--grace', '1.5'], /0 to 1440/],
    ['no host', ['--host', 'a b'], /neither a name nor an address/],
    ['a certificate without a key', TLS.slice(0, 2), /belong together/],
    ['a key without a certificate', TLS.slice(2), /belong together/],
    ['fixed targets without any', ['--fixed-targets'], /needs --targets FILE/],
    ['a proxy without a scheme', ['--behind-proxy', 'workbench.example'], /is no origin/],
    ['a proxy over http', ['--behind-proxy', 'http://workbench.example'], /with https/],
    ['a proxy with a path', ['--behind-proxy', 'https://workbench.example/relay'], /up to the first slash/],
    ['a proxy with a slash', ['--behind-proxy', 'https://workbench.example/'], /up to the first slash/],
    ['a proxy with a user', ['--behind-proxy', 'https://me@workbench.example'], /is no origin/],
    ['a proxy in upper case', ['--behind-proxy', 'https://Workbench.example'], /is no origin/],
    ['a proxy with the port of its scheme', ['--behind-proxy', 'https://workbench.example:443'], /is no origin/],
    [
      'a proxy over http of another machine',
      ['--host', '0.0.0.0', '--behind-proxy', 'http://localhost:8080'],
      /can be listened to/,
    ],
    ['a proxy of any origin', ['--behind-proxy', '*'], /is no origin/],
    ['peers of no proxy', ['--proxy-peers', '192.0.2.1'], /needs --behind-proxy/],
    ['peers by name', [...PROXY, '--proxy-peers', 'proxy.example'], /"proxy.example" is no IP address/],
    ['peers with a blank', [...PROXY, '--proxy-peers', '192.0.2.1, 192.0.2.2'], /" 192.0.2.2" is no IP address/],
    ['no peers', [...PROXY, '--proxy-peers', ''], /"" is no IP address/],
    ['peers of a range too narrow', [...PROXY, '--proxy-peers', '192.0.2.0/33'], /no IP address or range/],
    ['peers of half a range', [...PROXY, '--proxy-peers', '192.0.2.0/'], /no IP address or range/],
    ['peers of a range of a range', [...PROXY, '--proxy-peers', '192.0.2.0/24/24'], /no IP address or range/],
  ] as const)('%s', (_title, args, problem) => {
    expect(parse(...args)).toEqual({ problem: expect.stringMatching(problem) as string });
  });
});

describe('off loopback', () => {
  it.each(['0.0.0.0', '::', '192.0.2.7', 'devbox', '2001:db8::1', '128.0.0.1', 'localhost.example', '127.example'])(
    '%s needs TLS or a proxy, and the sentence says what to do',
    (host) => {
      const refused = parse('--host', host);
      expect(refused).toEqual({ problem: expect.stringMatching(/ssh -L .*--tls-cert.*--behind-proxy/) as string });
      expect(flagsOf('--host', host, ...TLS).host).toBe(host);
      const peers = ['192.0.2.1', '2001:db8::/64'];
      expect(flagsOf('--host', host, ...PROXY, '--proxy-peers', peers.join())).toMatchObject({
        host,
        proxyPeers: peers,
      });
    },
  );

  it.each([[], TLS])(
    'a proxy alone is not enough, with a certificate or without: its port is open to all',
    (...tls) => {
      const refused = parse('--host', '0.0.0.0', ...PROXY, ...tls);
      expect(refused).toEqual({
        problem: expect.stringMatching(/past its proxy.*127\.0\.0\.1.*--proxy-peers/) as string,
      });
    },
  );

  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1'])('%s is not off loopback', (host) => {
    expect(flagsOf('--host', host).host).toBe(host);
  });
});

describe('origins', () => {
  it.each([
    ['127.0.0.1', 7117, 'http', 'http://127.0.0.1:7117'],
    ['::1', 7117, 'http', 'http://[::1]:7117'],
    ['0:0::1', 7117, 'http', 'http://[::1]:7117'],
    ['DevBox', 7117, 'https', 'https://devbox:7117'],
    ['0.0.0.0', 7117, 'http', 'http://127.0.0.1:7117'],
    ['localhost', 80, 'http', 'http://localhost'],
    ['localhost', 443, 'https', 'https://localhost'],
  ] as const)('of %s port %i over %s is %s', (host, port, scheme, origin) => {
    expect(originOf(host, port, scheme)).toBe(origin);
  });

  it('are those of this machine, those of the certificate first, or the one of the proxy', () => {
    const proxy = undefined;
    expect(originsOf({ host: '127.0.0.1', proxy }, 1)).toEqual([
      'http://127.0.0.1:1',
      'http://localhost:1',
      'http://[::1]:1',
    ]);
    const [first, ...rest] = originsOf({ host: '0.0.0.0', proxy }, 1, ['*.lab.example', 'lab.example', '2001:db8::1']);
    expect(first).toBe('https://lab.example:1');
    expect(rest).toContain('https://[2001:db8::1]:1');
    expect(rest.at(-1)).toBe('https://*.lab.example:1');
    expect(rest.every((origin) => origin.startsWith('https://'))).toBe(true);
    expect(originsOf({ host: '0.0.0.0', proxy: 'https://workbench.example' }, 1, ['lab.example'])).toEqual([
      'https://workbench.example',
    ]);
  });
});

it('on loopback the proxy is on this machine, and those before it may be named', () => {
  expect(flagsOf(...PROXY).proxyPeers).toEqual(['127.0.0.0/8', '::1']);
  expect(flagsOf(...PROXY, '--proxy-peers', '192.0.2.1').proxyPeers).toEqual(['192.0.2.1', '127.0.0.0/8', '::1']);
});

it.each([
  [[], false],
  [['--host', 'localhost'], false],
  [['--targets', 'lab.json'], false],
  [['--targets', 'lab.json', '--fixed-targets'], true],
  [PROXY, true],
  [['--host', '0.0.0.0', ...TLS], true],
] as const)('a relay with %j is of several people: %s', (args, shared) => {
  expect(isShared(flagsOf(...args))).toBe(shared);
});
