import { describe, expect, it } from 'vitest';
import { originOf, originsOf, parseFlags } from './flags.ts';

const parse = (...args: string[]) => parseFlags(args, {});
const flagsOf = (...args: string[]) => {
  const parsed = parse(...args);
  if (!('flags' in parsed)) throw new Error(JSON.stringify(parsed));
  return parsed.flags;
};
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
      expect(flagsOf('--host', host, '--behind-proxy', 'https://workbench.example').host).toBe(host);
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
