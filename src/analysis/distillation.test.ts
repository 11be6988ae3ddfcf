import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Exchange } from '../core/collect.ts';
import { distil, judgedWorse, manifestOf } from './distillation.ts';

const NUMBERS = 'one two three four five six seven eight nine ten eleven twelve'.split(' ');

/** Different words for each number. */
const words = (at: number): string =>
  Array.from({ length: 12 }, (_, place) => `${NUMBERS[place]}${at}`).join(' ');

const exchange = (at: number, over: Partial<Exchange> = {}): Exchange => ({
  requestId: `req_${at}`,
  atMs: at,
  expiresMs: at + 1,
  caller: 'bot',
  conversation: `c${Math.floor(at / 3)}`,
  upstream: 'cloud',
  model: 'gpt-4o',
  messages: [{ role: 'user', text: `Say ${words(at)}` }],
  answer: words(at + 10_000),
  ...over,
});

const NONE = { validationShare: 0.2, worse: new Set<string>() };
const many = Array.from({ length: 300 }, (_, at) => exchange(at));

test('no conversation is in both files, and each line is a chat that ends with the answer', () => {
  const made = distil(many, NONE);
  const asked = (text: string): Set<string> =>
    new Set(
      text
        .trimEnd()
        .split('\n')
        .map((line) => {
          const { messages } = JSON.parse(line) as {
            messages: { role: string; content: string }[];
          };
          expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
          const at = /one(\d+)/.exec(messages[0]!.content)?.[1];
          return `c${Math.floor(Number(at) / 3)}`;
        }),
    );
  const [train, validation] = [asked(made.files.train.text), asked(made.files.validation.text)];
  expect([...train].filter((conversation) => validation.has(conversation))).toEqual([]);
  expect(train.size + validation.size).toBe(100);
  expect(validation.size).toBeGreaterThan(5);
  expect(made.conversations).toEqual({ train: train.size, validation: validation.size });
});

test('near-duplicates and what was judged worse are left out', () => {
  const again = { messages: [{ role: 'user', text: `say,  ${words(1)}!` }] as const };
  const given = [
    exchange(1),
    exchange(2, { ...again, answer: words(10_001).toUpperCase() }),
    exchange(3),
    exchange(4),
  ];
  const worse = judgedWorse(
    [
      { requestId: 'req_3', compared: 'better' },
      { requestId: 'req_1', compared: 'worse' },
    ],
    [
      { requestId: 'req_4', score: -1 },
      { requestId: 'req_1', score: 1 },
    ],
  );
  const made = distil(given, { validationShare: 0, worse });
  expect(made.left).toEqual({ worse: 2, nearDuplicates: 1 });
  expect(made.files.train.text.split('\n')).toHaveLength(2);
});

test('of two thousand different ones none is taken for another, and of slightly changed ones all are', () => {
  const different = Array.from({ length: 2_000 }, (_, at) => exchange(at));
  expect(distil(different, NONE).left.nearDuplicates).toBe(0);
  const changed = different.map((one) => ({ ...one, answer: `${one.answer} too` }));
  expect(distil([...different, ...changed], NONE).left.nearDuplicates).toBe(2_000);
});

test('the manifest says which model wrote what, with hashes; the same exchanges give the same bytes', () => {
  const mixed = many.map((one, at) => (at % 3 === 0 ? exchange(at, { model: 'gpt-4.1' }) : one));
  const manifest = manifestOf(distil(mixed, NONE));
  expect(JSON.stringify(manifestOf(distil(mixed, NONE)))).toBe(JSON.stringify(manifest));
  expect(
    manifest.writers.map(({ model, train, validation }) => [model, train + validation]),
  ).toEqual([
    ['gpt-4.1', 100],
    ['gpt-4o', 200],
  ]);
  const [train] = manifest.files;
  const text = distil(mixed, NONE).files.train.text;
  expect(train?.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  const first = train!.writtenBy.map((place) => manifest.writers[place]!.model);
  expect(first).toHaveLength(train!.examples);
  expect(first.filter((model) => model === 'gpt-4.1')).toHaveLength(manifest.writers[0]!.train);
  expect(manifest.reminder).toContain('forbid');
  expect([manifest.from, manifest.to]).toEqual([
    '1970-01-01T00:00:00.000Z',
    '1970-01-01T00:00:00.299Z',
  ]);
});
