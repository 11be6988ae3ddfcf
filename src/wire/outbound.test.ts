import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import type { Call } from '../core/call.ts';
import { pii } from '../signals/pii.ts';
import { describe as read } from '../engine/features.ts';

const MAIL = 'ana@ejemplo.es';
const hi = { role: 'user', content: 'hi' };

async function found(over: Partial<Call>): Promise<number> {
  const reading = await pii().evaluate(read(call(over)));
  return reading.kind === 'score' ? reading.score : -1;
}

const chat = (more: object): Partial<Call> => ({
  body: JSON.parse(JSON.stringify({ model: 'auto', messages: [hi], ...more })) as Call['body'],
});

/** The user's turns, an answer of the model's after each. */
const said = (...turns: readonly string[]): Partial<Call> =>
  chat({
    messages: turns.flatMap((content) => [
      { role: 'user', content },
      { role: 'assistant', content: 'And then?' },
    ]),
  });

const tool = (parameters: object) => ({ type: 'function', function: { name: 'f', parameters } });

describe('personal data is found in every part that is sent', () => {
  test.each<[string, Partial<Call>]>([
    ['in the description of a tool', chat({ tools: [tool({ description: `not ${MAIL}` })] })],
    ['in the name of a tool parameter', chat({ tools: [tool({ properties: { [MAIL]: {} } })] })],
    ['in a media type', { ...chat({}), contentType: `application/x-${MAIL}` }],
    ['bit by bit', said('4111', '1111', '1111', '1111')],
    ['bit by bit, with words', said("It's 4111 1111.", 'yes', 'and then 11 11 1111')],
    [
      'bit by bit, to `/v1/responses`',
      {
        operation: 'responses',
        body: {
          input: ['3782', '822463', '10005'].map((text) => ({
            role: 'user',
            content: [{ type: 'input_text', text }],
          })),
        },
      },
    ],
    ['as the model of an upstream', chat({ model: 'cloud/4111111111111111' })],
    ['as the model that is preferred', { override: 'cloud/4111111111111111' }],
    ['as the user', chat({ user: MAIL })],
    ['in metadata', chat({ metadata: { from: MAIL } })],
    ['in a prediction', chat({ prediction: { type: 'content', content: MAIL } })],
    ['as a name', chat({ messages: [{ ...hi, name: MAIL }] })],
    [
      'in the schema of the answer',
      chat({ response_format: { json_schema: { schema: { description: MAIL } } } }),
    ],
    [
      'in old function calls',
      chat({
        messages: [
          hi,
          {
            role: 'assistant',
            content: null,
            function_call: { name: 'f', arguments: `{"a":"${MAIL}"}` },
          },
        ],
      }),
    ],
    [
      'after an escaped line end in tool arguments',
      chat({
        messages: [
          hi,
          {
            role: 'assistant',
            tool_calls: [
              {
                id: '1',
                type: 'function',
                function: { name: 'f', arguments: String.raw`{"a":"call\n4111111111111111"}` },
              },
            ],
          },
        ],
      }),
    ],
    [
      'behind a picture address',
      chat({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: { url: 'https://a.example/?m=ana%40ejemplo.es' } },
            ],
          },
        ],
      }),
    ],
    [
      'in an item that no local model knows',
      {
        operation: 'responses',
        body: { input: [{ type: 'custom_tool_call_output', call_id: '1', output: MAIL }] },
      },
    ],
    [
      'in the suffix of a completion',
      { operation: 'text_completion', body: { prompt: 'x', suffix: MAIL } },
    ],
    [
      'in the query',
      {
        operation: 'passthrough',
        body: {},
        payload: Buffer.alloc(0),
        method: 'GET',
        path: '/files?after=a&owner=ana%40ejemplo.es',
      },
    ],
    [
      'as a telephone number in the query',
      {
        operation: 'passthrough',
        body: {},
        payload: Buffer.alloc(0),
        method: 'GET',
        path: '/files?tel=+34612345678',
      },
    ],
    [
      'in a form',
      {
        operation: 'passthrough',
        body: {},
        path: '/x',
        contentType: 'application/x-www-form-urlencoded',
        payload: Buffer.from('a=1&mail=ana%40ejemplo.es'),
      },
    ],
    [
      'escaped in lines of JSON',
      {
        operation: 'passthrough',
        body: {},
        path: '/x',
        contentType: 'application/x-ndjson',
        payload: Buffer.from(String.raw`{"a":"x\n4111111111111111"}`),
      },
    ],
    ['in a header that travels', { forwardHeaders: { 'idempotency-key': MAIL } }],
  ])('%s', async (_, over) => {
    expect(await found(over)).toBe(1);
  });

  test.each([
    ['a type', { tools: [{ type: 'AKIAIOSFODNN7EXAMPLE' }] }],
    ['a type, encoded', { tools: [{ type: 'GQYTCMJAGEYTCMJAGEYTCMJAGEYTCMI' }] }],
    ['a name', { metadata: { AKIAIOSFODNN7EXAMPLE: 'x' } }],
    ['a number below the name of an id', { seed: 4111111111111111 }],
  ])('also in %s', async (_, more) => {
    expect(await found(chat(more))).toBe(1);
  });

  test('and not in a request that has none', async () => {
    const tools = [tool({ properties: { order_id: { type: 'string', description: '8 digits' } } })];
    expect(await found(chat({ tools, seed: 4_111_111, user: 'u-42' }))).toBe(0);
  });
});

test('a body that cannot be read as JSON is opaque', () => {
  const opaque = (over: Partial<Call>) =>
    read(call({ operation: 'passthrough', ...over })).facts.isOpaque;
  expect(opaque({ body: {}, payload: Buffer.from('ab') })).toBe(true);
  expect(opaque({ body: { a: 1 }, payload: Buffer.from('{"a":1}') })).toBeUndefined();
  expect(opaque({ body: {}, payload: Buffer.alloc(0) })).toBeUndefined();
});

test.each([
  ['no card', said('4111', '1111', '1111', '1112')],
  ['other figures between', said('4111', '1111', 'I paid 12 and 13 today', '1111', '1111')],
  ['years', said('2024', '2025', '2026', '2027')],
  ['one turn alone', said('1111')],
])('figures that are said one after the other are no number: %s', async (_, given) => {
  expect(await found(given)).toBe(0);
});

describe('bodies that are made to be long to judge', () => {
  const members = (count: number, member: (at: number) => readonly [string, unknown]) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => member(at)));
  const judged = (metadata: object): number => {
    const { texts = [] } = read(call(chat({ metadata })));
    return texts.reduce((sum, text) => sum + text.length, 0);
  };

  test('a long name is not read again with each member below it', () => {
    const named = { ['the phone of '.repeat(10_000)]: members(3_000, (at) => [`phone${at}`, 'x']) };
    expect(judged(named)).toBeLessThan(1_000_000);
  });

  test('figures beside figures are not read again and again', () => {
    expect(judged(members(15_000, (at) => [String(4_294_967_294 - at), 1]))).toBeLessThan(500_000);
  });

  test('what is read of seams has an end, behind which the rest is unread', () => {
    const seams = { notes: Array.from({ length: 10_000 }, () => `1${' x'.repeat(60)} 1`) };
    expect(judged(seams)).toBeLessThan(3_000_000);
    expect(read(call(chat({ metadata: seams }))).facts.unread).toEqual(['too_long']);
  });
});
