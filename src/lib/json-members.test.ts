import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longNumbers, membersKept, membersWritten } from './json-members.ts';

test('text and value have the same members, whatever the strings hold', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(membersWritten(Buffer.from(text))).toBe(membersKept(JSON.parse(text)));
    }),
  );
});

test.each([
  ['{"a":1,"a":2}', 2, 1],
  [String.raw`{"a":1,"\u0061":2}`, 2, 1],
  [String.raw`{"a\\":"\":","b":{"c":1,"c":":"}}`, 4, 3],
  ['{"__proto__":{"a":1}}', 2, 2],
])('%s is written with %i members, of which parsing keeps %i', (text, written, kept) => {
  expect(membersWritten(Buffer.from(text))).toBe(written);
  expect(membersKept(JSON.parse(text))).toBe(kept);
});

test('a number with more figures than a parser keeps is found wherever it stands, and none in a string', () => {
  for (let before = 0; before < 40; before += 1) {
    const text = `{"${'a'.repeat(before)}":[0.1,12345678901234567890,"98765432109876543210"]}`;
    expect(longNumbers(Buffer.from(text))).toEqual(['12345678901234567890']);
    expect(longNumbers(Buffer.from(text.replace('567890,', ',')))).toEqual([]);
  }
});
