import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIRST_HASH, hashStep, remembered } from './word-cache.ts';

type CutHashed = ReturnType<typeof remembered>;
type CutWord = Parameters<typeof remembered>[0];

/** One piece for every two units, named by them. */
const pairs: CutWord = (word, length, found) => {
  for (let at = 0; at < length; at += 2) found((word[at] ?? 0) * 65_536 + (word[at + 1] ?? 0));
};

function piecesBy(cut: CutHashed, text: string): number[] {
  const word = Uint16Array.from(`\u2581${text}\0\0`, (unit) => unit.charCodeAt(0));
  const found: number[] = [];
  const hash = word.subarray(1, text.length + 1).reduce(hashStep, FIRST_HASH);
  cut(word, text.length + 1, (piece) => found.push(piece), hash);
  return found;
}

test('a word is cut once, and gives the same pieces again', () => {
  let times = 0;
  const cut = remembered((word, length, found) => {
    times += 1;
    pairs(word, length, found);
  });
  expect(piecesBy(cut, 'parcel')).toEqual(piecesBy(cut, 'parcel'));
  expect(times).toBe(1);
});

test('whatever was cut before, a word has the pieces that it has alone', () => {
  const cut = remembered(pairs);
  const plain: CutWord = (word, length, found) => {
    const end = word.subarray(0, length);
    pairs(Uint16Array.from([...end, 0, 0]), length, found);
  };
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (text) => {
      expect(piecesBy(cut, text)).toEqual(piecesBy(plain, text));
    }),
    { numRuns: 2000 },
  );
});
