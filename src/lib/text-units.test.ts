import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unitAt, unitReader } from './text-units.ts';

const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

test('the units of a text are those at its places, with 0 behind', () => {
  const read = unitReader();
  fc.assert(
    fc.property(fc.string({ unit: anyUnit, maxLength: 40 }), (text) => {
      const units = read(text);
      for (let at = 0; at < text.length; at += 1) expect(units[at]).toBe(unitAt(text, at));
      expect([...units.subarray(text.length, text.length + 2)]).toEqual([0, 0]);
    }),
  );
});

test('a text is read at any length, with a short one after it', () => {
  const read = unitReader();
  for (const length of [5000, 1_000_000, 3]) {
    const units = read('é'.repeat(length));
    expect(units.length).toBeGreaterThan(length);
    expect([units[0], units[length - 1], units[length]]).toEqual([0xe9, 0xe9, 0]);
  }
});
