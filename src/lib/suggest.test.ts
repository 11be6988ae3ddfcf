import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean, editDistance, nearest, suggestion } from './suggest.ts';

test.each([
  ['port', 'port', 0],
  ['port', 'prot', 1],
  ['port', 'ports', 1],
  ['port', 'pot', 1],
  ['port', 'part', 1],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
])('the distance from %j to %j is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('a distance is symmetric, zero only for the same word, and never more than the longer word', () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('a mistyped word has a suggestion, an unrelated word has none', () => {
  expect(nearest('complexty', ['pii', 'complexity'])).toBe('complexity');
  expect(nearest('Upstreams', ['upstreams'])).toBe('upstreams');
  expect(nearest('x', ['n', 'y'])).toBeUndefined();
  expect(nearest('banana', ['pii', 'complexity'])).toBeUndefined();
  expect(nearest('a'.repeat(100_000), ['a'])).toBeUndefined();
});

test('a likely name is asked for in a sentence, an unlikely one is not', () => {
  expect(didYouMean('smal', ['small', 'large'])).toBe(" Did you mean 'small'?");
  expect(didYouMean('banana', ['small', 'large'])).toBe('');
});

test('without a near candidate, all candidates are listed', () => {
  expect(suggestion('banana', ['a', 'b'])).toBe('possible: `a`, `b`');
  expect(suggestion('banana', [])).toBe('there are none');
});
