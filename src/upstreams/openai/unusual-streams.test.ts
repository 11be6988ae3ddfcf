/** Streams that say what OpenAI's say in another way, over real sockets. */
import { expect, test } from 'vitest';
import { begin, failure, hi, rest } from '../../../test/support/ask-upstream.ts';
import { openaiHarness, textOf } from '../../../test/support/openai-harness.ts';
import type { Json, JsonObject } from '../../lib/json.ts';
import type { StreamEvent } from '../../core/upstream.ts';

const { serverOf, upstreamAt } = openaiHarness();

const piece = (delta: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 5,
  model: 'tiny',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const spent = (more: JsonObject): JsonObject => ({ ...piece({}), usage, ...more });

interface Ask {
  readonly wantsUsage?: boolean;
  readonly hasDone?: boolean;
}

async function streamed(
  chunks: readonly JsonObject[],
  { wantsUsage = false, hasDone = true }: Ask = {},
): Promise<readonly StreamEvent[]> {
  const url = await serverOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const events = chunks.map((data) => `data: ${JSON.stringify(data)}\n\n`);
    response.end(events.join('') + (hasDone ? 'data: [DONE]\n\n' : ''));
  });
  return await rest(await begin(upstreamAt(url), hi('hi', { stream: true }), { wantsUsage }));
}

/** What is written must be what is given to whoever reads beside it. */
function written(events: readonly StreamEvent[]): readonly JsonObject[] {
  expect(textOf(events)).toMatch(/data: \[DONE\]\n\n$/);
  return events.flatMap(({ bytes, done }) =>
    done === true || bytes.length === 0
      ? []
      : [JSON.parse(Buffer.from(bytes).toString().slice('data: '.length)) as JsonObject],
  );
}

const reasons = (events: readonly JsonObject[]): readonly Json[] =>
  events.flatMap(({ choices }) =>
    Array.isArray(choices)
      ? (choices as JsonObject[]).map((one) => one['finish_reason'] ?? null)
      : [],
  );

const call = (index: number, args: string): JsonObject => ({
  tool_calls: [
    { index, id: `call_${index}`, type: 'function', function: { name: 'f', arguments: args } },
  ],
});

test.each<readonly [string, readonly JsonObject[], string]>([
  ['a text', [piece({ role: 'assistant', content: '' }), piece({ content: 'Hi.' })], 'stop'],
  ['whole tool calls', [piece(call(0, '{"a":1}')), piece(call(1, '{}'))], 'tool_calls'],
  ['an old call', [piece({ function_call: { name: 'f', arguments: '{}' } })], 'function_call'],
])('%s that ends with [DONE] alone gets its finish reason', async (_what, chunks, reason) => {
  const events = written(await streamed(chunks));
  expect(reasons(events)).toEqual([...chunks.map(() => null), reason]);
  expect(events.at(-1)).toMatchObject({ id: 'c', model: 'tiny', created: 5 });
});

test.each<readonly [string, readonly JsonObject[], boolean]>([
  ['arguments that are cut', [piece(call(0, '{"a":1}')), piece(call(1, '{"a":'))], true],
  ['a text that is cut by the connection', [piece({ content: 'Hi, I' })], false],
  ['reasoning without an answer', [piece({ reasoning_content: 'Let me see' })], true],
  [
    'one of two choices that said nothing',
    [piece({ content: 'Hi' }), piece({}, { index: 1 })],
    true,
  ],
])('%s has not ended', async (_what, chunks, hasDone) => {
  expect((await failure(streamed(chunks, { hasDone }))).attemptCause).toBe('interrupted');
});

test.each([
  [{ finishReason: 'MAX_TOKENS' }, 'length'],
  [{ finish_reason: null, finishReason: 'STOP' }, 'stop'],
  [{ finish_reason: 'eos_token' }, 'stop'],
  [{ finish_reason: 'something_new' }, 'stop'],
])('%o is a finish reason', async (said, reason) => {
  const events = written(
    await streamed([piece({ content: 'Hi' }), piece({}, said)], { hasDone: false }),
  );
  expect(reasons(events)).toEqual([null, reason]);
});

test('an empty reason is none, and one that is repeated is given once', async () => {
  const chunks = [
    piece({ content: 'Hi' }, { finish_reason: '' }),
    piece({}, { finish_reason: 'stop' }),
    piece({}, { finish_reason: 'stop' }),
  ];
  expect(reasons(written(await streamed(chunks)))).toEqual([null, 'stop', null]);
});

test.each([
  ['beside an empty choice', spent({})],
  ['alone', spent({ choices: [] })],
  ['without choices', { id: 'c', usage }],
])('usage %s after the finish reason is no new beginning', async (_how, last) => {
  const chunks = [piece({ content: 'Hi' }, { finish_reason: 'stop' }), last];
  const counted = await streamed(chunks, { hasDone: false });
  expect(counted.some(({ data }) => data?.['usage'] !== undefined)).toBe(true);
  expect(textOf(counted)).not.toContain('usage');
  const events = written(await streamed(chunks, { wantsUsage: true }));
  expect(events.at(-1)).toMatchObject({ usage, choices: expect.any(Array) });
});

test('a finish reason of ours goes before the usage', async () => {
  const events = written(
    await streamed([piece({ content: 'Hi' }), spent({ choices: [] })], { wantsUsage: true }),
  );
  expect(reasons(events)).toEqual([null, 'stop']);
  expect(events.at(-1)).toMatchObject({ choices: [], usage });
});

test('a whole answer in one event comes out as a piece of a stream', async () => {
  const tool_calls = [
    { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
    { id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } },
  ];
  const message = { role: 'assistant', content: 'Hi', tool_calls };
  const choices = [{ index: 0, message, finish_reason: 'tool_calls' }];
  const [event] = written(await streamed([{ id: 'c', choices }]));
  const [first, second] = tool_calls;
  const numbered = [
    { ...first, index: 0 },
    { ...second, index: 1 },
  ];
  expect(event?.['choices']).toEqual([
    { index: 0, delta: { ...message, tool_calls: numbered }, finish_reason: 'tool_calls' },
  ]);
});

test('parallel calls without numbers and ids reach the caller with both', async () => {
  const nameless = (name: string, args: Json): JsonObject =>
    piece({ tool_calls: [{ function: { name, arguments: args } }] });
  const chunks = [
    nameless('f', '{"a":1}'),
    nameless('g', { b: 2 }),
    piece({}, { finish_reason: 'stop' }),
  ];
  const events = await streamed(chunks);
  const calls = (list: readonly (JsonObject | undefined)[]) =>
    list
      .flatMap((data) => (data?.['choices'] as { delta: JsonObject }[] | undefined) ?? [])
      .flatMap(({ delta }) => delta['tool_calls'] ?? []);
  const expected = [
    { index: 0, id: 'call_r1_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
    { index: 1, id: 'call_r1_2', type: 'function', function: { name: 'g', arguments: '{"b":2}' } },
  ];
  expect(calls(written(events))).toEqual(expected);
  expect(calls(events.map(({ data }) => data))).toEqual(expected);
});
