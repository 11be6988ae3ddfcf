import { expect, test } from 'vitest';
import { checkNames, type CheckName, type Finding } from '../core/verify.ts';
import type { JsonObject } from '../lib/json.ts';
import { surelyWrittenIn } from '../signals/language/shipped.ts';
import { call } from '../../test/support/call.ts';
import { describe } from '../engine/features.ts';
import { createVerifier } from './index.ts';
import { badJson, badTools, calls, goodMade } from '../../test/support/made-answers.ts';
import { bad, good, type PlantedAnswer } from '../../test/support/planted-answers.ts';

// A busy machine must not make a check late.
const verifier = createVerifier({ languageOf: surelyWrittenIn() });

const TINY = { model: 'tiny' };
const ALL = { checks: checkNames, wrongAbove: 0.5 };

interface Said {
  readonly task: string;
  readonly system?: string;
  readonly body?: JsonObject;
  readonly answer: JsonObject;
  readonly stakes?: number;
}

function find({ task, system, body = {}, answer, stakes = 0 }: Said): Finding | undefined {
  const messages = [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: task },
  ];
  const asked = call({ body: { ...body, messages } });
  const readings = { stakes: { kind: 'score', score: stakes, reason: '' } } as const;
  const features = describe(asked);
  const trial = verifier.begin({ call: asked, features, readings, answering: TINY }, ALL)!;
  trial.observe(answer);
  return trial.find(true);
}

test('an answer that its server ended in a loop fails, though its text shows one turn alone', () => {
  const asked = call({
    body: { messages: [{ role: 'user', content: 'Say hi' }], max_tokens: 500 },
  });
  const features = describe(asked);
  const trial = verifier.begin({ call: asked, features, readings: {}, answering: TINY }, ALL)!;
  trial.observe(says('Hi, how are you?', 'length'));
  expect(trial.find(true)).toBeUndefined();
  trial.observeLoop?.();
  expect(trial.find(true)).toMatchObject({ check: 'repetition' });
});

const says = (text: string, finish = 'stop'): JsonObject => ({
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: finish }],
});

const written = ({ text, finish, ...one }: PlantedAnswer): Said => ({
  ...one,
  answer: says(text, finish),
});
const ALL_BAD: Readonly<Partial<Record<CheckName, readonly Said[]>>> = {
  ...Object.fromEntries(Object.entries(bad).map(([check, all]) => [check, all.map(written)])),
  json: badJson,
  tools: badTools,
};
const ALL_GOOD: readonly Said[] = [...good.map(written), ...goodMade];

test('of the planted bad answers of each check at least 95 % are caught, by that check', () => {
  const missed: Partial<Record<CheckName, readonly string[]>> = {};
  for (const check of checkNames) {
    const cases = ALL_BAD[check] ?? [];
    const misses = cases.filter((one) => find(one)?.check !== check);
    if (misses.length > cases.length * 0.05) missed[check] = misses.map(shown);
  }
  expect(missed).toEqual({});
});

const shown = ({ task, answer }: Said): string =>
  `${task.slice(0, 60)} | ${JSON.stringify(answer).slice(0, 160)}`;

test('of the good answers at most 1 % fail a check, and 3 % any', () => {
  expect(ALL_GOOD.length).toBeGreaterThanOrEqual(1000);
  const failed = ALL_GOOD.flatMap((one) => {
    const found = find(one);
    return found === undefined ? [] : [`${found.check}: ${shown(one)}`];
  });
  expect(failed.length, failed.join('\n')).toBeLessThanOrEqual(ALL_GOOD.length * 0.03);
  for (const check of checkNames)
    expect(
      failed.filter((line) => line.startsWith(`${check}:`)).length,
      failed.join('\n'),
    ).toBeLessThanOrEqual(ALL_GOOD.length * 0.01);
});

test('each check has fifty planted answers and more', () => {
  const few = checkNames.filter((name) => (ALL_BAD[name]?.length ?? 0) < 50);
  // which has a test of its own
  expect(few).toEqual(['confidence']);
});

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city'],
};
const wants = (schema?: JsonObject): JsonObject => ({
  response_format:
    schema === undefined
      ? { type: 'json_object' }
      : { type: 'json_schema', json_schema: { name: 'trip', schema } },
});

test.each([
  ['fences', wants(), '```json\n{"a":1}\n```'],
  ['a sentence before it', wants(), 'Here it is: {"a":1}'],
  ['an end that is missing', wants(), '{"a": [1, 2'],
  ['a number', wants(), '12'],
  ['a member that is missing', wants(SCHEMA), '{"days":3}'],
  ['a member of another type', wants(SCHEMA), '{"city":"Ronda","days":"three"}'],
  [
    'a text against a pattern',
    wants({ properties: { id: { pattern: '^[a-z]*$' }, day: { pattern: '^[0-9-]{10}$' } } }),
    '{"id":"abc","day":"soon"}',
  ],
])('JSON with %s fails', (_, body, text) => {
  expect(find({ task: 'Where?', body, answer: says(text) })?.check).toBe('json');
});

test.each([
  [wants(), '{"a":1}'],
  [wants(SCHEMA), '{"city":"Ronda","days":3}'],
  [wants({ type: 'nonsense' }), '{"a":1}'],
  [
    wants({ type: 'object', properties: { a: { pattern: '(a+)+$' } } }),
    `{"a":"${'a'.repeat(40)}!"}`,
  ],
  [
    wants({ type: 'object', patternProperties: { '^(a|aa)+$': { type: 'string' } } }),
    `{"${'a'.repeat(60)}!":"a"}`,
  ],
  [{}, 'no JSON was asked for'],
])('JSON that does passes, and a schema that cannot be used says nothing', (body, text) => {
  expect(find({ task: 'Where?', body, answer: says(text) })).toBeUndefined();
});

const TOOLS: JsonObject = {
  tools: [{ type: 'function', function: { name: 'trip', parameters: SCHEMA } }],
};

test.each([
  ['a name that was not offered', TOOLS, calls('journey', '{"city":"Ronda"}')],
  ['arguments that are no JSON', TOOLS, calls('trip', '{city: Ronda}')],
  ['arguments against the schema', TOOLS, calls('trip', '{"days":"three"}')],
  ['no call where one is demanded', { ...TOOLS, tool_choice: 'required' }, says('Ronda is nice.')],
])('a tool call with %s fails', (_, body, answer) => {
  expect(find({ task: 'Plan it', body, answer })?.check).toBe('tools');
});

test('a tool call that fits passes', () => {
  expect(
    find({ task: 'Plan it', body: TOOLS, answer: calls('trip', '{"city":"Ronda"}') }),
  ).toBeUndefined();
});

test('a refusal where much is at stake may be right', () => {
  const answer = says("I'm sorry, but I can't help with that.");
  expect(find({ task: 'How many pills?', stakes: 0.8, answer })).toBeUndefined();
  expect(find({ task: 'How many days?', answer })?.check).toBe('refusal');
});

test('a check that throws or works too long says nothing, and is counted', () => {
  const skipped: string[] = [];
  let ms = 0;
  const slow = createVerifier({
    languageOf: () => {
      throw new Error('broken');
    },
    onSkipped: (check, cause) => skipped.push(`${check} ${cause}`),
    workedMs: () => (ms += 6),
  });
  const task = 'Please tell me everything about the history of this small town in the mountains';
  const asked = call({ body: { messages: [{ role: 'user', content: task }] } });
  const features = describe(asked);
  const trial = slow.begin(
    { call: asked, features, readings: {}, answering: TINY },
    { checks: ['language', 'empty'], wrongAbove: 0.5 },
  )!;
  trial.observe(
    says(
      'A long answer about the town and its history, which goes on for a while and tells of bridges, mills and markets. '.repeat(
        10,
      ),
    ),
  );
  expect(trial.find(true)).toBeUndefined();
  expect(skipped).toEqual(expect.arrayContaining(['language failed', 'empty late']));
});

test('answers of other shapes than a chat are not checked', () => {
  for (const operation of ['embeddings', 'passthrough'] as const) {
    const asked = call({ operation, body: {} });
    const features = describe(asked);
    expect(
      verifier.begin({ call: asked, features, readings: {}, answering: TINY }, ALL),
    ).toBeUndefined();
  }
});

test('30 MB are checked in bounded time, and nothing throws on odd answers', () => {
  const answers = [
    'a'.repeat(30_000_000),
    '\ud800',
    '🙂'.repeat(1000),
    '\u0000\u0001',
    '{'.repeat(50_000),
  ];
  for (const text of answers)
    expect(() => find({ task: 'Say it', answer: says(text) })).not.toThrow();
});
