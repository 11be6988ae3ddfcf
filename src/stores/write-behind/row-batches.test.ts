import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinedRows, rowsOf } from './row-batches.ts';

const row = fc.record({
  numbers: fc.array(fc.double()).map((numbers) => Float64Array.from(numbers)),
  texts: fc.array(fc.string({ unit: 'binary' })),
});

test('rows come back as they were, in their order', () => {
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      expect(rowsOf(structuredClone(joinedRows(rows)))).toEqual(rows);
    }),
  );
});
