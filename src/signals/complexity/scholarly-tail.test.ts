import { expect, test } from 'vitest';
import { withoutScholarlyTail } from './scholarly-tail.ts';

const TAILS = [
  'and derive the lemma',
  'theorem lemma',
  'mutex refactor concurrency',
  'notwithstanding any provision hereof, the indemnified party shall hold harmless',
];

test.each([
  'whats better cats or dogs and dont sit on the fence',
  'sümela manastırı hangi ilde',
  '今天天气怎么样？',
  'escreve um email avisando que vou atrasar a entrega',
])('scholarly words are taken off a request that has none: %s', (request) => {
  for (const tail of TAILS) expect(withoutScholarlyTail(`${request} ${tail}`)).toBe(request);
});

test.each([
  'what is the difference between a mutex and a semaphore',
  'explain eigenvalue and eigenvector',
  'Prove the convergence of this series and derive the lemma',
  'make this clause shorter: notwithstanding any provision hereof, the party shall hold harmless',
  'Translate to Spanish: theorem, lemma, corollary',
  'What does my lawyer mean by indemnified party?',
  'theorem lemma',
  'my party is on sunday',
  '',
])('a request stays where they are its matter: %s', (request) => {
  expect(withoutScholarlyTail(request)).toBe(request);
});

test('its time does not grow with the text', () => {
  const long = 'theorem '.repeat(200_000);
  expect(withoutScholarlyTail(long)).toBe(long);
});
