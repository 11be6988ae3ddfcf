import { expect, test } from 'vitest';
import { madeCard } from '../../test/support/competence.ts';
import type { ConfidenceModel } from '../core/competence.ts';
import type { TokenScore } from '../core/token-scores.ts';
import { confidenceOf, wrongOf, type JudgedTask } from './confidence.ts';
import { kindOf } from './kind.ts';
import { beginningOf, statisticsOf } from './statistics.ts';

const token = (logprob: number, text = 'a'): TokenScore => ({ text, logprob, top: [] });
const CARD = madeCard();
const FACT: JudgedTask = { kind: 'facts', language: 'en' };
const judged = (tokens: readonly TokenScore[], task = FACT, card = CARD) => {
  const confidence = confidenceOf(card, () => task);
  confidence.observeTokens?.(tokens);
  return confidence.judge(tokens.map(({ text }) => text).join(''), true);
};
const sure = Array.from({ length: 4 }, () => token(-0.08));
const guessed = Array.from({ length: 4 }, () => token(-2));

test('guesses are probably wrong, and what is sure is not', () => {
  const [bad, good] = [judged(guessed), judged(sure)];
  expect(bad).toMatchObject({ wrong: expect.closeTo(1, 1) });
  expect(good).toMatchObject({ wrong: expect.closeTo(0, 1) });
});

test('a kind and a language add to the bias and to the weight of each statistic', () => {
  const area = { items: 9, wrong: 3, value: 0.8, low: 0.7 };
  const model: ConfidenceModel = {
    statistics: ['mean', 'min'],
    centres: [-1, -2],
    scales: [1, 2],
    weights: [1, 10],
    bias: 0.1,
    kinds: { facts: { ...area, offset: 0.2, slopes: [0.5, 0], usualTokens: 5 } },
    languages: { es: { offset: 0.4, slopes: [0, 2], kinds: { facts: 0.8 } } },
    all: area,
  };
  const statistics = statisticsOf([token(-0.5), token(-1.5), token(-2.5)], 'aaa')!;
  // The mean is .5 below its centre, the least is a quarter of its scale below its own.
  const oddsOf = (language: string | undefined) => {
    const wrong = wrongOf(model, { kind: 'facts', language }, statistics)!;
    return Math.log(wrong / (1 - wrong));
  };
  expect(oddsOf(undefined)).toBeCloseTo(0.1 + 0.2 - 0.5 * 1.5 - 0.25 * 10, 9);
  expect(oddsOf('es')).toBeCloseTo(0.1 + 0.2 + 0.4 + 0.8 - 0.5 * 1.5 - 0.25 * 12, 9);
});

test('a beginning is judged by the model of beginnings', () => {
  const card = madeCard({}, ({ kind }) => kind !== 'facts');
  const beginning = { ...card.confidence!.whole, kinds: CARD.confidence!.beginning.kinds };
  const halves = { ...card, confidence: { ...card.confidence!, beginning } };
  const confidence = confidenceOf(halves, () => FACT);
  confidence.observeTokens?.(guessed);
  expect(confidence.judge('aaaa', true)).toEqual({ abstains: 'no-better-than-chance' });
  expect(confidence.judge('aaaa', false)).not.toEqual({ abstains: 'no-better-than-chance' });
});

test('without a card it abstains and asks for no probabilities', () => {
  const confidence = confidenceOf(undefined, () => FACT);
  expect(confidence.observeTokens).toBeUndefined();
  expect(confidence.judge('a', true)).toEqual({ abstains: 'no-card' });
});

test.each([
  ['few-items', { kind: 'other', language: 'en' }],
  ['other-language', { kind: 'facts', language: 'de' }],
] as const)('it abstains with %s', (abstains, task) => {
  expect(confidenceOf(CARD, () => task).observeTokens).toBeUndefined();
  expect(judged(guessed, task)).toEqual({ abstains });
});

test('a kind whose wrong answers are as sure as its right ones is not judged', () => {
  const card = madeCard({}, ({ kind }) => kind !== 'facts');
  expect(judged(guessed, FACT, card)).toEqual({ abstains: 'no-better-than-chance' });
  expect(judged(guessed, { kind: 'sums', language: 'es' }, card)).toHaveProperty('wrong');
});

test.each([
  ['none', []],
  ['above 1', [token(0.5), ...sure]],
  ['no numbers', [token(Number.NaN), ...sure]],
])('probabilities that are %s cannot be trusted', (_, tokens) => {
  expect(statisticsOf(tokens, 'aaaaa')).toBeUndefined();
});

test('nor can those of other tokens than the text has', () => {
  expect(statisticsOf([token(-1, 'Paris')], 'Berlin')).toBeUndefined();
  expect(statisticsOf([token(-1, 'Par'), token(-1, 'is')], 'Paris.')).toBeDefined();
});

test('nor can those of a small part of the text', () => {
  const text = 'The capital of Peru is Lima.';
  expect(statisticsOf([token(-1, 'The')], text)).toBeUndefined();
  expect(beginningOf([token(-1, 'The')], text)).toBeUndefined();
  const all = text.split(/(?<= )/).map((word) => token(-1, word));
  expect(statisticsOf(all.slice(0, -1), text)).toBeDefined();
  const long = Array.from({ length: 40 }, () => token(-1, 'word '));
  expect(beginningOf(long, 'word '.repeat(40))).toBeDefined();
});

test('an answer of a million tokens is judged as others are', () => {
  const many = Array.from({ length: 1_000_000 }, () => token(-0.5));
  expect(statisticsOf(many, 'a'.repeat(1_000_000))).toMatchObject({ min: -0.5, length: 1e6 });
});

test('the entropy of the likeliest tokens is read where all are told', () => {
  const even = { text: 'a', logprob: Math.log(0.5), top: [Math.log(0.5), Math.log(0.5)] };
  expect(statisticsOf([even, even], 'aa')?.entropy).toBeCloseTo(Math.LN2, 6);
  expect(statisticsOf([even, token(-1)], 'aa')).not.toHaveProperty('entropy');
});

test.each([
  ['Wie heißt die Hauptstadt von Peru?', 'other'],
  ['What is the capital of Peru?', 'facts'],
  ['What is 2 + 2?', 'sums'],
  ['Translate to Spanish: the cat', 'translation'],
  ['Tell me a long story about a dragon and a lake.', 'other'],
])('%s is of the kind %s', (task, kind) => {
  expect(kindOf({ task, turns: 1, tools: 0, isJson: false })).toBe(kind);
});

test('what is demanded counts before what is said', () => {
  const said = { task: 'What is the capital of Peru?', turns: 1, tools: 0, isJson: false };
  expect(kindOf({ ...said, isJson: true })).toBe('json');
  expect(kindOf({ ...said, tools: 2 })).toBe('tools');
  expect(kindOf({ ...said, turns: 3 })).toBe('follow-ups');
});
