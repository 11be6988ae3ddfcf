import { expect, test } from 'vitest';
import { Tally, WORDS } from './counters.ts';

function tallyOf(words: number, ...concepts: number[]): Tally {
  const tally = new Tally(8);
  tally.fields[WORDS] = words;
  for (const concept of concepts) tally.name(concept);
  return tally;
}

test('what is poured is added once, and what it was poured from is empty', () => {
  const [sentence, text] = [tallyOf(3, 5, 2, 5), tallyOf(4, 2, 7)];
  sentence.pourInto(text);
  expect([...text.concepts]).toEqual([0, 0, 2, 0, 0, 2, 0, 1]);
  expect(text.fields[WORDS]).toBe(7);
  sentence.pourInto(text);
  expect([...text.concepts]).toEqual([0, 0, 2, 0, 0, 2, 0, 1]);
  sentence.name(2);
  expect([...sentence.concepts]).toEqual([0, 0, 1, 0, 0, 0, 0, 0]);
});

test('a cleared tally has no count left', () => {
  const tally = tallyOf(2, 1, 6);
  tally.clear();
  expect([...tally.fields, ...tally.concepts].every((count) => count === 0)).toBe(true);
  tally.pourInto(tallyOf(1));
  tally.name(1);
  expect([...tally.concepts]).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
});
