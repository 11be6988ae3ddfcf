import fc from 'fast-check';
import { expect, test } from 'vitest';
import { personalKinds } from './masking.ts';
import { bitsOf, contentsOf, NOTHING_FOUND, readingOf, together } from './object-contents.ts';
import { unreadKinds } from './unread.ts';

const contents = fc.record({
  unread: fc.subarray([...unreadKinds]),
  personal: fc.subarray([...personalKinds]),
});

test('kinds are kept as bits, and come back', () => {
  fc.assert(
    fc.property(contents, (each) => {
      expect(contentsOf(bitsOf(each))).toEqual(each);
    }),
  );
  expect(bitsOf(NOTHING_FOUND)).toBe(0);
  // PostgreSQL's integer has 31 bits without the sign.
  expect(bitsOf({ unread: unreadKinds, personal: personalKinds })).toBeLessThan(2 ** 31);
});

test('what two hold together is what one of them holds', () => {
  fc.assert(
    fc.property(contents, contents, (one, other) => {
      const both = together(one, other);
      for (const kind of unreadKinds)
        expect(both.unread.includes(kind)).toBe(
          one.unread.includes(kind) || other.unread.includes(kind),
        );
      for (const kind of personalKinds)
        expect(both.personal.includes(kind)).toBe(
          one.personal.includes(kind) || other.personal.includes(kind),
        );
    }),
  );
});

test('texts that were read for other regions were read in another way', () => {
  expect(readingOf(['ES', 'FR'])).toBe(readingOf(['FR', 'ES']));
  expect(readingOf(['ES'])).not.toBe(readingOf(['ES', 'FR']));
});
