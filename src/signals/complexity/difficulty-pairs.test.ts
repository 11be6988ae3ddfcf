/** Easy and hard requests about one thing: test/eval/difficulty-pairs.jsonl, in no training set. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { deepJudge } from '../encoder/deep-judge.ts';
import { readShippedDeep } from '../encoder/shipped.ts';
import { shippedEncoder } from '../encoder/weights.ts';
import { judgement, thresholdFor } from './index.ts';

const PAIR = z.object({ lang: z.string(), easy: z.string(), hard: z.string() });
const pairs = readFileSync('test/eval/difficulty-pairs.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => PAIR.parse(JSON.parse(line)));
const judge = judgement();
const of = (text: string): number => judge([{ role: 'user', text }]).complexity;

test('of 60 pairs in English and Spanish at least 57 are in the right order', () => {
  const wrong = pairs.filter(({ easy, hard }) => of(easy) >= of(hard));
  expect(pairs.length).toBe(60);
  expect(wrong.map(({ hard }) => hard).length).toBeLessThanOrEqual(3);
});

const threshold = thresholdFor({ quality: 0.95 }).value;

test('for a model of 3 to 4 billion parameters a lock-free ring buffer is complex', () => {
  expect(of('Implement a lock-free ring buffer in C++')).toBeGreaterThanOrEqual(threshold);
});

test('the fast judge is in doubt about a CUDA kernel, and the deep judge, which is asked then, is not', () => {
  const deep = deepJudge(shippedEncoder(), readShippedDeep());
  const text = 'Write a CUDA flash attention kernel';
  const fast = judge([{ role: 'user', text }]);
  expect(Math.abs(fast.complexity - threshold)).toBeLessThan(0.1);
  expect(deep(fast.question!()).complexity).toBeGreaterThanOrEqual(threshold + 0.1);
});

test.each(['reverse a string', 'order 4539 is late', 'hi'])('and "%s" is simple', (text) => {
  expect(of(text)).toBeLessThan(threshold);
});
