/** Servers that answer in the other form, over real sockets: whole for a stream, and a stream for a whole. */
import { describe, expect, test } from 'vitest';
import { begin, failure, hi, rest, send, whole } from '../../../test/support/ask-upstream.ts';
import { conforms } from '../../../test/support/openai-schemas.ts';
import { openaiHarness, textOf } from '../../../test/support/openai-harness.ts';
import type { Operation } from '../../core/call.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';

const { serverOf, upstreamAt } = openaiHarness();

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const tool = (name: string, args: string): JsonObject => ({
  id: `call_${name}`,
  type: 'function',
  function: { name, arguments: args },
});
const logprob = { token: 'Hi', logprob: -0.5, bytes: [72, 105], top_logprobs: [] };
const chat = {
  id: 'c1',
  object: 'chat.completion',
  created: 5,
  model: 'tiny',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hi there', refusal: null, reasoning_content: 'Hm.' },
      logprobs: { content: [logprob], refusal: null },
      finish_reason: 'length',
    },
    {
      index: 1,
      message: {
        role: 'assistant',
        content: null,
        refusal: null,
        tool_calls: [tool('look', '{"x":1}'), tool('send', '{}')],
      },
      logprobs: null,
      finish_reason: 'tool_calls',
    },
  ],
  usage,
};
const text = {
  id: 'c2',
  object: 'text_completion',
  created: 5,
  model: 'tiny',
  choices: [
    { index: 0, text: 'Hi there', logprobs: null, finish_reason: 'stop' },
    { index: 1, text: 'Ho', logprobs: null, finish_reason: 'length' },
  ],
  usage,
};
const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 5,
  status: 'completed',
  model: 'tiny',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Hi', annotations: [], logprobs: [] }],
    },
    {
      id: 'fc_1',
      type: 'function_call',
      status: 'completed',
      call_id: 'call_1',
      name: 'look',
      arguments: '{"x":1}',
    },
  ],
  parallel_tool_calls: true,
  tool_choice: 'auto',
  tools: [],
  metadata: {},
  temperature: 1,
  top_p: 1,
  error: null,
  incomplete_details: null,
  instructions: null,
};

const answering = (body: string, type: string) =>
  serverOf((_request, answer) => answer.writeHead(200, { 'content-type': type }).end(body));
const JSON_TYPES = ['application/json', 'text/event-stream', 'text/plain'];
const STREAM_TYPES = ['text/event-stream', 'application/json', 'text/plain'];

const answers: readonly (readonly [Operation, JsonObject])[] = [
  ['chat', chat],
  ['text_completion', text],
  ['responses', response],
];

describe.each(answers)('%s', (operation, body) => {
  test.each(JSON_TYPES)('whole as %s for a stream, and that stream for a whole', async (type) => {
    const upstream = upstreamAt(await answering(JSON.stringify(body), type));
    const ask = { operation, wantsUsage: true };
    const streamed = await rest(await begin(upstream, hi('hi', { stream: true }), ask));
    for (const as of STREAM_TYPES) {
      const streaming = upstreamAt(await answering(textOf(streamed), as));
      expect(await whole(streaming, hi(), { operation })).toEqual(body);
    }
  });
});

test('the stream that is made of a whole answer is one that OpenAI could have sent', async () => {
  const chunks = upstreamAt(await answering(JSON.stringify(chat), 'application/json'));
  const events = await rest(await begin(chunks, hi('hi', { stream: true })));
  expect(textOf(events)).toMatch(/data: \[DONE\]\n\n$/);
  expect(textOf(events)).not.toContain('usage');
  expect(events.find(({ data }) => data?.['usage'] !== undefined)?.bytes).toHaveLength(0);
  const written = events.filter(({ bytes, done }) => bytes.length > 0 && done !== true);
  for (const { data } of written) expect(conforms('chat chunk', data)).toEqual([]);

  const native = upstreamAt(await answering(JSON.stringify(response), 'application/json'));
  const named = await rest(
    await begin(native, { input: 'hi', stream: true }, { operation: 'responses' }),
  );
  for (const { data } of named) expect(conforms('response event', data)).toEqual([]);
  expect(named.map(({ data }) => data?.['sequence_number'])).toEqual(named.map((_, at) => at));
  expect(named.at(-1)?.data?.['type']).toBe('response.completed');
});

test('a whole answer without a finish reason, ids or a message of its own is put right', async () => {
  const nameless = { function: { name: 'f', arguments: { x: 1 } } };
  const choices = [
    { index: 0, message: { role: 'assistant', content: 'Hi' } },
    { index: 1, finish_reason: '', delta: { role: 'assistant', tool_calls: [nameless, nameless] } },
    { index: 2, message: { role: 'assistant', content: 'Hi' }, finishReason: 'MAX_TOKENS' },
  ];
  const upstream = upstreamAt(await answering(JSON.stringify({ choices }), 'application/json'));
  const called = (id: string) => ({
    id,
    type: 'function',
    function: { name: 'f', arguments: '{"x":1}' },
  });
  expect(await whole(upstream, hi())).toMatchObject({
    choices: [
      { finish_reason: 'stop' },
      {
        finish_reason: 'tool_calls',
        message: { tool_calls: [called('call_r1_1'), called('call_r1_2')] },
      },
      { finish_reason: 'length' },
    ],
  });
});

test('pieces of one message are joined, and members that nobody here knows are kept', async () => {
  const delta = (said: JsonObject, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: said, finish_reason: finish }] })}\n\n`;
  const look = (args: string, more: JsonObject = {}): JsonObject => ({
    tool_calls: [{ index: 0, ...more, function: { arguments: args } }],
  });
  const body = [
    delta({ role: 'assistant', content: 'He' }),
    delta({ role: 'assistant', content: 'llo', x_note: 'a' }),
    delta(look('{"a"', { id: 'a', type: 'function' })),
    delta(look(':1}')),
    delta({ images: [{ url: 'one' }] }),
    delta({ images: [{ url: 'two' }] }, 'stop'),
    'data: [DONE]\n\n',
  ].join('');
  const answer = await whole(upstreamAt(await answering(body, 'text/event-stream')), hi());
  expect(answer['choices']).toEqual([
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'Hello',
        x_note: 'a',
        tool_calls: [{ id: 'a', type: 'function', function: { arguments: '{"a":1}' } }],
        images: [{ url: 'one' }, { url: 'two' }],
      },
      finish_reason: 'tool_calls',
    },
  ]);
});

test('a stream that breaks is no whole answer', async () => {
  const begun = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Hi' } }] })}\n\n`;
  for (const [end, cause] of [
    ['', 'interrupted'],
    ['data: {"error":{"message":"out of memory"}}\n\n', 'server_error'],
  ] as const) {
    const upstream = upstreamAt(await answering(begun + end, 'text/event-stream'));
    expect((await failure(send(upstream, hi()))).attemptCause).toBe(cause);
  }
});

test('what is neither JSON nor a stream is neither', async () => {
  for (const type of ['text/html', 'application/json', 'text/event-stream']) {
    const upstream = upstreamAt(await answering('<p>data: none</p>', type));
    for (const stream of [false, true]) {
      const error = await failure(send(upstream, hi('hi', { stream }), { stream }));
      expect(isObject(error) && error.attemptCause).toBe('bad_answer');
    }
  }
});
