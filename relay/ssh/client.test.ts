import { expect, it } from 'vitest';
import { parseKey } from './client.ts';

it('takes anything as a key that is none', () => {
  for (const text of [
    '',
    'x',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----',
    Buffer.alloc(9),
  ])
    expect(parseKey(text)).toBeInstanceOf(Error);
});
