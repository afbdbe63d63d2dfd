import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readTerminalLink } from './terminal-link.ts';

it.each([
  'https://example.org',
  'https://example.org/',
  'HTTP://Example.org/Path?q=1#x',
  'https://example.org:443/a',
  'http://192.168.1.9:8080/',
  'http://[::1]:8080/a',
  'https://example.org/日本',
])('%s shows where it leads', (text) => {
  expect(readTerminalLink(text, text)).toMatchObject({ address: new URL(text).href, isShown: true });
});

it.each([
  ['https://evil.example/x', 'https://good.example/x', 'evil.example'],
  ['https://evil.example/', 'the manual', 'evil.example'],
  ['https://evil.example/?https://good.example/', 'https://good.example/', 'evil.example'],
  ['https://good.example@evil.example/', 'https://good.example@evil.example/', 'evil.example'],
  // Cyrillic letters.
  ['https://ехаmple.org/', 'https://ехаmple.org/', 'xn--mple-43d3a6i.org'],
  ['https://evil.example/', '', 'evil.example'],
  ['https://good.example\\@evil.example/', 'https://evil.example/', 'good.example'],
])('%s with the text %j leads to another place than it says', (address, text, host) => {
  expect(readTerminalLink(address, text)).toMatchObject({ address: new URL(address).href, isShown: false, host });
});

it.each(['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'ssh://dut', 'mailto:a@b.c', '//x', ''])(
  '%j is not followed',
  (address) => {
    expect(readTerminalLink(address, address)).toBeUndefined();
  },
);

it('shows a server only with the name of that server', () => {
  fc.assert(
    fc.property(fc.domain(), fc.domain(), fc.constantFrom('', '/', '@', '.', ':80'), (server, other, between) => {
      const address = `https://${server}/`;
      expect(readTerminalLink(address, `https://${other}/`)?.isShown).toBe(other === server);
      const both = `https://${server}${between}${other}/`;
      const link = readTerminalLink(both, both);
      if (link?.isShown) expect(both.startsWith(`https://${link.host}`)).toBe(true);
    }),
  );
});
