/** OpenAI's SDK: chat completions, whole. */
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { mark } from '../support/mock-upstream.ts';
import { escalates, isGateway, seesUpstreams, startTarget, type Target } from './support/target.ts';

let target: Target;
let client: OpenAI;

beforeAll(async () => {
  target = await startTarget();
  client = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 0 });
});
afterAll(() => target.close());

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming;

const create = (text: string, more: Partial<Params> = {}) =>
  client.chat.completions.create({
    model: target.model,
    messages: [{ role: 'user', content: text }],
    ...more,
  });

const lastBody = () => target.arrived().at(-1)?.body ?? {};

test('an answer has every member that OpenAI requires', async () => {
  const answer = await create('hello');
  expect(answer).toMatchObject({
    object: 'chat.completion',
    created: expect.any(Number),
    id: expect.stringMatching(/.+/),
    model: expect.stringMatching(/.+/),
  });
  const [choice] = answer.choices;
  expect(choice).toMatchObject({ index: 0, finish_reason: 'stop', logprobs: null });
  expect(choice?.message).toMatchObject({ role: 'assistant', refusal: null });
  expect(choice?.message.content).toContain('hello');
});

test('the request id is there', async () => {
  const { request_id } = await create('hello').withResponse();
  expect(request_id).toMatch(/.+/);
});

test('usage is there and adds up', async () => {
  const { usage } = await create('hello');
  expect(usage?.prompt_tokens).toBeGreaterThan(0);
  expect(usage?.completion_tokens).toBeGreaterThan(0);
  expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
});

describe.runIf(isGateway && !escalates)('what local servers leave out', () => {
  test('refusal and logprobs are null where the server has none', async () => {
    const { choices } = await create(mark({ kind: 'answer', text: 'short', sparse: true }));
    expect(choices[0]).toHaveProperty('logprobs', null);
    expect(choices[0]?.message).toHaveProperty('refusal', null);
  });

  test('an empty id is replaced by one that is unique', async () => {
    const same = mark({ kind: 'answer', text: 'x', override: { id: '' } });
    const ids = [(await create(same)).id, (await create(same)).id];
    expect(new Set(ids.filter((id) => id !== '')).size).toBe(2);
  });

  test('the answer says where it came from', async () => {
    const { response } = await client.chat.completions
      .create({ model: target.model, messages: [{ role: 'user', content: 'hi' }] })
      .withResponse();
    for (const name of [
      'tier',
      'upstream',
      'model',
      'rule',
      'complexity',
      'policy',
      'cost-usd',
      'energy-j',
    ])
      expect(response.headers.get(`x-smallfirst-${name}`), name).toMatch(/.+/);
  });

  test("the answer's model is the one that answered", async () => {
    const { data, response } = await client.chat.completions
      .create({ model: target.model, messages: [{ role: 'user', content: 'hi' }] })
      .withResponse();
    expect(data.model).toBe(response.headers.get('x-smallfirst-model'));
  });

  test.each(['auto', 'small', 'large', 'local/small-model', 'cloud/gpt-4o'])(
    'the model name %s is answered',
    async (model) => {
      const answer = await create('hello', { model });
      expect(answer.choices[0]?.message.content).toContain('hello');
    },
  );
});

test.each<[string, Partial<Params>]>([
  ['temperature', { temperature: 0.3 }],
  ['top_p', { top_p: 0.5 }],
  ['seed', { seed: 42 }],
  ['stop as a string', { stop: 'END' }],
  ['stop as a list', { stop: ['END', 'STOP'] }],
  ['penalties', { frequency_penalty: 0.5, presence_penalty: -0.5 }],
  ['logit_bias', { logit_bias: { '50256': -100 } }],
  ['user', { user: 'someone' }],
  ['metadata and store', { metadata: { team: 'a' }, store: false }],
  ['max_tokens', { max_tokens: 50 }],
  ['max_completion_tokens', { max_completion_tokens: 50 }],
  ['reasoning_effort', { reasoning_effort: 'low' }],
  ['service_tier', { service_tier: 'auto' }],
  ['prompt_cache_key', { prompt_cache_key: 'k' }],
  ['nulls', { temperature: null, stop: null, n: null, logit_bias: null, stream: null }],
  ['text format', { response_format: { type: 'text' } }],
  ['no tools', { tools: [] }],
])('a request with %s is answered', async (_name, more) => {
  const answer = await create('hello', more);
  expect(answer.choices[0]?.message.content).toContain('hello');
});

test.runIf(seesUpstreams)('members that nobody knows reach the upstream unchanged', async () => {
  const unknown = { x_unknown: { deep: [1, 2.5, 'three', null] }, x_number: 12345678901234 };
  const model = isGateway ? 'cloud/gpt-4o' : target.model;
  await create('hello', Object.assign({ model }, unknown));
  expect(lastBody()).toMatchObject(unknown);
});

test('members of the answer that nobody knows come back', async () => {
  const extra = { x_timings: { prompt_ms: 1.5 } };
  expect(await create(mark({ kind: 'answer', text: 'x', extra }))).toMatchObject(extra);
});

test.each<[string, OpenAI.ChatCompletionMessageParam[]]>([
  ['a system turn', [{ role: 'system', content: 'be brief' }]],
  ['a developer turn', [{ role: 'developer', content: 'be brief' }]],
  [
    'an earlier exchange',
    [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'hello' },
    ],
  ],
  [
    'two system turns',
    [
      { role: 'system', content: 'a' },
      { role: 'system', content: 'b' },
    ],
  ],
  [
    'a named user',
    [
      { role: 'user', name: 'ann', content: 'hi' },
      { role: 'assistant', content: 'yes' },
    ],
  ],
  [
    'an assistant turn without content',
    [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'ok' },
    ],
  ],
])('a conversation with %s is answered', async (_name, before) => {
  const messages = [...before, { role: 'user' as const, content: 'hello' }];
  const answer = await create('', { messages });
  expect(answer.choices[0]?.message.content).toContain('hello');
});

test('text parts and an image are carried', async () => {
  const url = 'data:image/png;base64,iVBORw0KGgo=';
  const content: OpenAI.ChatCompletionContentPart[] = [
    { type: 'text', text: 'what is this' },
    { type: 'image_url', image_url: { url } },
  ];
  const answer = await create('', { messages: [{ role: 'user', content }] });
  expect(answer.choices[0]?.message.content).toContain('what is this');
  if (seesUpstreams) expect(JSON.stringify(lastBody())).toContain(url);
});

test.each([
  'Größe 5 €',
  '日本語のテキスト',
  '👩‍👩‍👧‍👦 family',
  'a\u0000b',
  'tab\tand\nline',
  '\u2028\u2029',
])('the text %j survives both ways', async (text) => {
  const { choices } = await create(mark({ kind: 'answer', text }));
  expect(choices[0]?.message.content).toBe(text);
  await create(`say ${text}`);
  if (seesUpstreams) expect(target.arrived().at(-1)?.text).toBe(`say ${text}`);
});

test('a prompt of 2 MB is answered', async () => {
  const answer = await create('word '.repeat(400_000), {
    model: isGateway ? 'cloud/gpt-4o' : target.model,
  });
  expect(answer.object).toBe('chat.completion');
});

test('n choices come back, indexed', async () => {
  const { choices } = await create('hello', { n: 3 });
  expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
});

test('logprobs come back token by token', async () => {
  const { choices } = await create('hello', { logprobs: true, top_logprobs: 2 });
  const [first] = choices[0]?.logprobs?.content ?? [];
  expect(first?.top_logprobs).toHaveLength(2);
  expect(first?.bytes?.length).toBeGreaterThan(0);
});

test('a refusal comes back as one', async () => {
  const { choices } = await create(mark({ kind: 'answer', refusal: 'I cannot help with that.' }));
  expect(choices[0]?.message).toMatchObject({ content: null, refusal: 'I cannot help with that.' });
});

test.each(['length', 'content_filter'])('the finish reason %s comes back', async (finishReason) => {
  const { choices } = await create(mark({ kind: 'answer', text: 'cut', finishReason }));
  expect(choices[0]?.finish_reason).toBe(finishReason);
});

test('reasoning text and its tokens come back', async () => {
  const usage = { prompt: 10, completion: 20, cached: 4, reasoning: 8 };
  const { choices, usage: got } = await create(
    mark({ kind: 'answer', text: 'x', reasoning: 'first think', usage }),
  );
  expect(choices[0]?.message).toHaveProperty('reasoning_content', 'first think');
  expect(got?.completion_tokens_details?.reasoning_tokens).toBe(8);
  expect(got?.prompt_tokens_details?.cached_tokens).toBe(4);
});

describe('structured answers', () => {
  const Person = z.object({
    name: z.string(),
    age: z.number().int(),
    tags: z.array(z.string()),
    role: z.enum(['admin', 'user']),
    address: z.object({ city: z.string() }).nullable(),
  });

  test('parse gives a value of the schema', async () => {
    const { choices } = await client.chat.completions.parse({
      model: target.model,
      messages: [{ role: 'user', content: 'who?' }],
      response_format: zodResponseFormat(Person, 'person'),
    });
    expect(Person.parse(choices[0]?.message.parsed)).toBeTruthy();
  });

  test('the schema reaches the upstream as it was', async () => {
    const response_format = zodResponseFormat(Person, 'person');
    await create('who?', { response_format });
    if (seesUpstreams)
      expect(lastBody()['response_format']).toEqual(JSON.parse(JSON.stringify(response_format)));
  });

  test('json_object gives an object', async () => {
    const { choices } = await create('json please', { response_format: { type: 'json_object' } });
    expect(JSON.parse(choices[0]?.message.content ?? '')).toBeTypeOf('object');
  });

  test('parse of a refusal gives no value', async () => {
    const { choices } = await client.chat.completions.parse({
      model: target.model,
      messages: [{ role: 'user', content: mark({ kind: 'answer', refusal: 'no' }) }],
      response_format: zodResponseFormat(Person, 'person'),
    });
    expect(choices[0]?.message).toMatchObject({ parsed: null, refusal: 'no' });
  });
});
