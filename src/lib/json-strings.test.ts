import fc from 'fast-check';
import { expect, test } from 'vitest';
import { closingQuote } from './json-strings.ts';

const pieces = fc.array(fc.constantFrom('a'.repeat(60), 'b', '\\', '"', '\n', 'é', ' '), {
  maxLength: 60,
});

test('a string ends where JSON says that it does', () => {
  fc.assert(
    fc.property(pieces, pieces, (inside, after) => {
      const content = JSON.stringify(inside.join(''));
      const bytes = Buffer.from(content + after.join(''));
      expect(closingQuote(bytes, 1)).toBe(Buffer.byteLength(content) - 1);
    }),
  );
});

test('a string that is cut off has no end', () => {
  for (const cut of ['', 'a'.repeat(100), 'a\\', `${'a'.repeat(100)}\\"`, '\\\\\\"'])
    expect(closingQuote(Buffer.from(`"${cut}`), 1)).toBe(-1);
});
