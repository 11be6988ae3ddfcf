import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import { stakes } from './stakes.ts';
import { taskReader } from './text/reader.ts';

const signal = stakes(taskReader());
const read = (text: string) => signal.evaluate(featuresOf(text));

test.each([
  ['medical', 'Is it dangerous to take fluoxetine with tramadol?'],
  ['self-harm', 'I want to kill myself'],
  ['self-harm', 'quiero morirme'],
  ['self-harm', 'Ich möchte nicht mehr leben'],
  ['money', 'Transfer 5000 to this account'],
  ['production', 'Drop the orders table in production'],
  ['production', 'DROP TABLE users ran on the live server, undo it'],
])('%s is at stake in "%s"', (kind, text) => {
  const reading = read(text);
  expect(reading).toMatchObject({ kind: 'score', value: kind });
  expect('score' in reading ? reading.score : 0).toBeGreaterThanOrEqual(0.5);
});

test.each([
  'kill the process',
  'the process was killed',
  'Where is my order?',
  'hi',
  'What is the capital of France?',
  'reverse a string',
  '¿para qué sirve un embudo?',
  'drop duplicate rows from a list',
  '',
])('nothing is at stake in "%s"', (text) => {
  const reading = read(text);
  expect('score' in reading ? reading.score : 1).toBeLessThan(0.5);
});

test('the reason says what is at stake and quotes nothing', () => {
  expect(JSON.stringify(read('I want to kill myself, says Zanzibarquux'))).not.toMatch(/Zanzibar/i);
});

interface Judged {
  readonly kind: string;
  readonly lang: string;
  readonly degree: number;
}

/** Rows of a part that no weight was fitted to. */
const judged = (part: string): Judged[] =>
  readFileSync('src/training/stakes.tsv', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, , its]) => its === part)
    .map(([kind = '', lang = '', , text = '']): Judged => {
      const reading = read(text);
      return { kind, lang, degree: 'score' in reading ? reading.score : 0 };
    });

/** Requests and look-alikes. */
const aside = judged('aside');

/** The chance that a request with something at stake has the higher degree than one without; ties count half. */
function auc(rows: readonly Judged[]): number {
  const high = rows.filter(({ kind }) => kind !== 'none');
  const low = rows.filter(({ kind }) => kind === 'none');
  const wins = high.flatMap(({ degree: one }) =>
    low.map(({ degree: other }): number => (one > other ? 1 : one === other ? 0.5 : 0)),
  );
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}

// Measured: .927 of all; what was measured in each group stands in the README.
test('274 requests put aside, half of them look-alikes, are told apart', () => {
  expect(aside).toHaveLength(274);
  expect(auc(aside)).toBeGreaterThanOrEqual(0.92);
});

test.each([
  [['en'], 0.9],
  [['es'], 0.94],
  [['fr', 'de', 'it', 'pt', 'nl'], 0.89],
  [['pl', 'ru'], 0.91],
  [['tr', 'ar', 'hi'], 0.92],
  [['zh', 'ja', 'ko'], 0.95],
])('in %j by %d or better', (languages, floor) => {
  const rows = aside.filter(({ lang }) => languages.includes(lang));
  expect(auc(rows)).toBeGreaterThanOrEqual(floor);
});

const share = (rows: readonly Judged[]): number =>
  rows.filter(({ degree }) => degree >= 0.5).length / rows.length;

// Measured: 3 of 100 harmless ones are taken for costly and 79 of 100 dangers are recognised.
test('short turns put aside ("nope", "er atmet nicht") in 25 languages are told apart', () => {
  const short = judged('short');
  expect(short).toHaveLength(514);
  expect(share(short.filter(({ kind }) => kind === 'none'))).toBeLessThanOrEqual(0.05);
  expect(share(short.filter(({ kind }) => kind !== 'none'))).toBeGreaterThanOrEqual(0.78);
});

// Measured: AUC .97; 6 of 100 harmless ones are taken for costly and 81 of 100 dangers are recognised.
test('151 requests put aside with the last rows are told apart', () => {
  const fresh = judged('fresh');
  expect(fresh).toHaveLength(151);
  expect(auc(fresh)).toBeGreaterThanOrEqual(0.95);
  expect(share(fresh.filter(({ kind }) => kind === 'none'))).toBeLessThanOrEqual(0.08);
  expect(share(fresh.filter(({ kind }) => kind !== 'none'))).toBeGreaterThanOrEqual(0.79);
});
