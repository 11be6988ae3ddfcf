import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stopTexts } from './stop-texts.ts';

/**
 * The definition, letter by letter: as soon as the text so far ends with a stop text, everything from
 * the beginning of the longest such one is cut.
 */
function cutAtStop(text: string, stops: readonly string[]): string {
  for (let end = 1; end <= text.length; end += 1) {
    const complete = stops.filter((stop) => text.slice(0, end).endsWith(stop));
    const longest = Math.max(0, ...complete.map((stop) => stop.length));
    if (longest > 0) return text.slice(0, end - longest);
  }
  return text;
}

// Few letters, so that stop texts are found, and half found, often.
const letters = (maxLength: number, minLength = 0) =>
  fc.string({ unit: fc.constantFrom('a', 'b', ' '), minLength, maxLength });

test('returns the same text however it is split', () => {
  fc.assert(
    fc.property(
      fc.array(letters(6), { maxLength: 12 }),
      fc.array(letters(4, 1), { maxLength: 3 }),
      (pieces, stops) => {
        const text = pieces.join('');
        const filter = stopTexts(stops);
        const shown: string[] = [];
        for (const piece of pieces) {
          shown.push(filter.push(piece));
          // A prefix of the truth at every moment: what was shown cannot be taken back.
          expect(cutAtStop(text, stops).startsWith(shown.join(''))).toBe(true);
        }
        shown.push(filter.flush());
        expect(shown.join('')).toBe(cutAtStop(text, stops));
        expect(filter.hasEnded()).toBe(stops.some((stop) => text.includes(stop)));
      },
    ),
  );
});

test('holds back no more than could still become a stop text', () => {
  const filter = stopTexts(['###']);
  expect(filter.push('one #')).toBe('one ');
  expect(filter.push('2')).toBe('#2');
  expect(filter.push(' ##')).toBe(' ');
  expect(filter.push('# end')).toBe('');
  expect(filter.hasEnded()).toBe(true);
  expect(filter.push('more')).toBe('');
});
