/** Easy and hard requests about one thing: test/eval/difficulty-pairs.jsonl, in no training set. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
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

test.each(['Implement a lock-free ring buffer in C++', 'Write a CUDA flash attention kernel'])(
  'for a model of 3 to 4 billion parameters "%s" is complex',
  (text) => {
    expect(of(text)).toBeGreaterThanOrEqual(threshold);
  },
);

test.each(['reverse a string', 'order 4539 is late', 'hi'])('and "%s" is simple', (text) => {
  expect(of(text)).toBeLessThan(threshold);
});
