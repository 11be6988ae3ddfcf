import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endOfHead } from './head-end.ts';

it('finds the end of a head where indexOf does', () => {
  const byte = fc.constantFrom('\r', '\n', 'a');
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), fc.nat(10), fc.nat(50), (list, from, until) => {
      const bytes = Buffer.from(list.join(''), 'latin1');
      const looked = bytes.subarray(0, until);
      const expected = from > looked.length ? -1 : looked.indexOf('\r\n\r\n', from, 'latin1');
      expect(endOfHead(bytes, from, until)).toBe(expected);
    }),
    { numRuns: 3000 },
  );
});
