/** How surely the language of a request is told: a wrong one would send a request to the large model for nothing. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SURE } from '../src/engine/other-language.ts';
import { language } from '../src/signals/language.ts';
import { shippedIdentifier } from '../src/signals/language/shipped.ts';
import { taskReader } from '../src/signals/text/reader.ts';
import { featuresOf } from './support/features.ts';

const rowsOf = (file: string): readonly (readonly string[])[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));

/** Each as language and text, from the first of these columns on. */
const FILES = [
  ['src/training/requests.tsv', 1],
  ['src/training/rated.tsv', 1],
  ['src/training/translated.tsv', 1],
  ['test/fixtures/customer-messages.tsv', 3],
] as const;

const requests = FILES.flatMap(([file, from]) =>
  rowsOf(file).flatMap((row) => {
    const pairs = row.slice(from);
    return pairs.flatMap((code, at) => (at % 2 === 0 ? [{ code, text: pairs[at + 1] ?? '' }] : []));
  }),
);

test('of a thousand requests in sixteen languages none is surely taken for another one', () => {
  const signal = language(taskReader(), shippedIdentifier());
  const sure = requests.flatMap(({ code, text }) => {
    const reading = signal.evaluate(featuresOf(text));
    return 'score' in reading && reading.score >= SURE
      ? [{ code, found: reading.value, text }]
      : [];
  });
  const isEnglish = ({ code }: { readonly code: string }): boolean => code === 'en';
  expect(sure.filter(({ code, found }) => found !== code)).toEqual([]);
  expect([requests.filter(isEnglish).length, requests.length]).toEqual([452, 1114]);
  expect(sure.filter((one) => !isEnglish(one)).length).toBe(563);
});
