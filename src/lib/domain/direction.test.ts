import { expect, it } from 'vitest';
import { withoutDirections } from './direction.ts';

it('takes out every character that turns a text, and no letter', () => {
  const turns = [0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];
  const hidden = turns.map((code) => String.fromCharCode(code)).join('x');
  expect(withoutDirections(`a${hidden}b`)).toBe(`a${'x'.repeat(turns.length - 1)}b`);
  // Unicode's own list, the zero-width joiners that letters need left alone.
  for (let code = 0; code < 0x3000; code++) {
    const character = String.fromCharCode(code);
    expect(withoutDirections(character) === '', code.toString(16)).toBe(/\p{Bidi_Control}/u.test(character));
  }
  for (const text of ['שלום', 'مرحبا', 'a\u200db', 'é']) expect(withoutDirections(text)).toBe(text);
});
