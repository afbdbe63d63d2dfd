import { expect, it } from 'vitest';
import { generateHostKey, publicKeyOf } from './host-key.ts';

it('every key that is given out can be read: of so many, several would not be', () => {
  for (let count = 0; count < 1500; count++) expect(publicKeyOf(generateHostKey()).length).toBe(51);
});
