/** The judge on whole conversations: test/eval/conversations.jsonl holds the cases and their reasons. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { judgement, thresholdFor } from './index.ts';

const CASE = z.object({
  id: z.string(),
  kind: z.string(),
  lang: z.string(),
  messages: z.array(
    z.object({ role: z.enum(['system', 'user', 'assistant', 'tool']), content: z.string() }),
  ),
  expect: z.enum(['simple', 'complex']),
  reason: z.string(),
});

const cases = readFileSync('test/eval/conversations.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => CASE.parse(JSON.parse(line)));
const judge = judgement();
const threshold = thresholdFor({ quality: 0.95 }).value;

test('there are 120 conversations, half of them not in English, each with its reason', () => {
  expect(cases.length).toBeGreaterThanOrEqual(120);
  expect(cases.filter(({ lang }) => lang !== 'en').length).toBeGreaterThanOrEqual(cases.length / 2);
  expect(cases.every(({ reason }) => reason.length > 10)).toBe(true);
});

test('of 124 conversations 118 and more are judged by the task of the current turn, in its context', () => {
  const wrong = cases.filter(({ messages, expect: expected }) => {
    const turns = messages.map(({ role, content }) => ({ role, text: content }));
    return judge(turns).complexity >= threshold !== (expected === 'complex');
  });
  expect(wrong.map(({ id, reason }) => `${id}: ${reason}`).length).toBeLessThanOrEqual(6);
});
