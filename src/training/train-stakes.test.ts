import { expect, test } from 'vitest';
import { stakesKinds } from '../core/stakes.ts';
import { everydayStakes, stakesRows } from './train-stakes.ts';

const rows = stakesRows();

test('every row says what is at stake in it, in a language, and for which part', () => {
  const kinds = new Set<string>([...stakesKinds, 'none']);
  const parts = new Set(['train', 'aside', 'short', 'fresh']);
  expect(
    rows.filter(
      ({ kind, lang, part, text }) =>
        !kinds.has(kind) || !/^[a-z]{2}$/.test(lang) || !parts.has(part) || text.trim() === '',
    ),
  ).toEqual([]);
  expect([...new Set(everydayStakes().values())].toSorted()).toEqual(
    [...stakesKinds, 'unclear'].toSorted(),
  );
});

test('what is measured on is never learned from, whatever its capitals and marks', () => {
  const bare = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '');
  const learned = new Set(rows.flatMap(({ part, text }) => (part === 'train' ? [bare(text)] : [])));
  expect(rows.filter(({ part, text }) => part !== 'train' && learned.has(bare(text)))).toEqual([]);
});
