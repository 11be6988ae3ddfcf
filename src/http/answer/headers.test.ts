import fc from 'fast-check';
import { expect, test } from 'vitest';
import { significant } from './headers.ts';

test('three digits are written as the number that they are', () => {
  const plainly = (joules: number): string => String(Number(joules.toPrecision(3)));
  for (const joules of [
    0, 1, 1.2, 10, 99.95, 100, 1000, 123_456, 1e21, 1e-6, 1e-7, 0.1, 0.000_123_4,
  ])
    expect(significant(joules)).toBe(plainly(joules));
  fc.assert(
    fc.property(fc.double({ min: 0 }), (joules) => significant(joules) === plainly(joules)),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e9 }),
      (micro) => significant(micro / 1e6) === plainly(micro / 1e6),
    ),
  );
});
