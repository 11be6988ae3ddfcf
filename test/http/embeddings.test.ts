/** One index, one model: which model answers embeddings, and what it is sent. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({ upstream: ', contextTokens: 300' });
});
afterAll(() => whole.close());

const require = createRequire(import.meta.url);
const { Tiktoken } = require('tiktoken/lite');
const { bpe_ranks: ranks, pat_str: pattern } = require('tiktoken/encoders/cl100k_base.json');
const encoder = new Tiktoken(ranks, {}, pattern);
const tokensOf = (text: string): number[] => [...encoder.encode_ordinary(text)];

const embed = (input: unknown, model = 'auto') => whole.post('/v1/embeddings', { model, input });

test.each<[string, unknown, unknown]>([
  ['a text', 'The cat sat.', 'The cat sat.'],
  ['a list of numbers', tokensOf('El perro ladró.'), ['El perro ladró.']],
  ['lists of numbers', [tokensOf('One'), tokensOf('two 🙂')], ['One', 'two 🙂']],
  ['many texts that together exceed the window', Array(40).fill('word '.repeat(20)), undefined],
])('%s comes to the local model, as text', async (_what, input, sent = input) => {
  const answer = await embed(input);
  expect([answer.status, answer.headers.get('x-smallfirst-upstream')]).toEqual([200, 'local']);
  expect(whole.local.requests.at(-1)?.body).toMatchObject({ input: sent });
});

test.each([
  ['a text', 'word '.repeat(900)],
  ['numbers', tokensOf('word '.repeat(900))],
])('%s longer than its window is refused, and nobody else is asked', async (_what, input) => {
  const before = whole.cloud.requests.length;
  const answer = await embed(input);
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  expect([answer.status, error.code]).toEqual([400, 'context_length_exceeded']);
  expect(error.message).toMatch(/one model.*name another model/);
  expect(whole.cloud.requests.length).toBe(before);
});

test('numbers of no known encoding are refused by name', async () => {
  const answer = await embed([15, 999_999_999]);
  const { error } = (await answer.json()) as { error: { param: string; message: string } };
  expect([answer.status, error.param]).toEqual([400, 'input']);
  expect(error.message).toContain('Send the text itself');
});

test('a server that takes numbers gets the bytes that came', async () => {
  const body = '{"model":"cloud/text-embedding-3-small", "input":[ 9906,1917 ]}';
  const answer = await whole.post('/v1/embeddings', body);
  expect(answer.status).toBe(200);
  expect(whole.cloud.requests.at(-1)?.raw.toString('utf8')).toContain('"input":[ 9906,1917 ]');
});

test('personal data in numbers is found as in text', async () => {
  const input = tokensOf('Write to ana.ruiz@ejemplo.es.');
  const route = await whole.post('/v1/embeddings', { model: 'auto', input });
  const record = await whole.record(route);
  expect(record.readings['pii']).toMatchObject({ score: 1 });
});
