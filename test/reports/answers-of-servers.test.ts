/** Usage, ends, embeddings and Responses as servers were reported to send them (README.md), and what a caller gets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject, textIn, type JsonObject } from '../../src/lib/json.ts';
import { eventsOf } from '../support/reported-events.ts';
import { startSayingCloud, type SayingCloud } from '../support/saying-cloud.ts';

let cloud: SayingCloud;
beforeAll(async () => {
  cloud = await startSayingCloud();
});
afterAll(async () => {
  await cloud.close();
});

const chunk = (delta: JsonObject, finish: string | null = null, more: JsonObject = {}) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 7,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});
const usage = (output: number) => ({
  prompt_tokens: 10,
  completion_tokens: output,
  total_tokens: 10 + output,
});
const alone = (said: JsonObject) => ({ ...chunk({}), choices: [], usage: said });
const said = chunk({ role: 'assistant', content: 'Hello' });
const stop = chunk({}, 'stop');
const events = (...data: readonly JsonObject[]): string =>
  [...data.map((one) => JSON.stringify(one)), '[DONE]'].map((one) => `data: ${one}\n\n`).join('');

const asked = { model: 'cloud/gpt-4o', messages: [{ role: 'user' as const, content: 'hi' }] };
const withUsage = { ...asked, stream: true, stream_options: { include_usage: true } };

describe('the usage of a stream is told once, behind everything else', () => {
  test.each([
    ['with the last text', [said, { ...stop, usage: usage(5) }]],
    [
      'in every event, with what there is so far',
      [{ ...said, usage: usage(1) }, { ...stop, usage: usage(4) }, alone(usage(5))],
    ],
    ['twice', [said, stop, alone(usage(4)), alone(usage(5))]],
    ['before the end', [said, alone(usage(5)), stop]],
  ])('%s', async (_what, sent) => {
    cloud.say(events(...sent));
    const seen = await eventsOf(await cloud.whole.post('/v1/chat/completions', withUsage));
    expect(seen.map((one) => one['usage'] ?? null)).toEqual([
      ...seen.slice(1).map(() => null),
      usage(5),
    ]);
    expect(seen.at(-1)).toMatchObject({ id: 'c', object: 'chat.completion.chunk', choices: [] });
  });

  test('also where it came right behind the end', async () => {
    const behind = `data: ${JSON.stringify(alone(usage(5)))}\n\n`;
    cloud.say(`${events(said, stop)}${behind}`);
    const seen = await eventsOf(await cloud.whole.post('/v1/chat/completions', withUsage));
    expect(seen.at(-1)?.['usage']).toEqual(usage(5));
  });

  test('but in every event for who asks for that', async () => {
    cloud.say(events({ ...said, usage: usage(1) }, { ...stop, usage: usage(5) }));
    const options = { include_usage: true, continuous_usage_stats: true };
    const answer = await cloud.whole.post('/v1/chat/completions', {
      ...withUsage,
      stream_options: options,
    });
    expect((await eventsOf(answer)).map((one) => one['usage'])).toEqual([usage(1), usage(5)]);
  });
});

describe.each<[string, JsonObject]>([
  ['nothing', {}],
  ['0 alone', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
  ['texts', { prompt_tokens: '12', completion_tokens: '3', total_tokens: '15' }],
])('usage that says %s is counted here', (_what, told) => {
  const counted = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };

  test('streamed', async () => {
    cloud.say(events(said, stop, alone(told)));
    const seen = await eventsOf(await cloud.whole.post('/v1/chat/completions', withUsage));
    expect(seen.flatMap((one) => (isObject(one['usage']) ? [one['usage']] : []))).toMatchObject([
      counted,
    ]);
  });

  test('whole', async () => {
    const message = { role: 'assistant', content: 'Hello' };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    cloud.say(JSON.stringify({ ...chunk({}), object: 'chat.completion', choices, usage: told }));
    const answer = await cloud.client.chat.completions.create(asked);
    expect(answer.usage).toMatchObject(counted);
  });
});

describe('thinking in parts of content, as Mistral sends it, is told apart from the answer', () => {
  const thinking = (text: string) => ({ type: 'thinking', thinking: [{ type: 'text', text }] });
  const thought = { reasoning_content: 'Hm. Well.', content: 'Hello' };
  const history = (message: JsonObject) => ({
    ...asked,
    messages: [...asked.messages, message, { role: 'user', content: 'and now?' }],
  });

  test('whole', async () => {
    const content = [thinking('Hm. '), thinking('Well.'), { type: 'text', text: 'Hello' }];
    const message = { role: 'assistant', content };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    cloud.say(JSON.stringify({ ...chunk({}), object: 'chat.completion', choices }));
    const answer = await cloud.client.chat.completions.create(asked);
    expect(answer.choices[0]?.message).toMatchObject(thought);
  });

  test('streamed', async () => {
    cloud.say(
      events(
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: [thinking('Hm. ')] }),
        chunk({ content: [{ type: 'thinking', thinking: 'Well.' }] }),
        chunk({ content: [{ type: 'text', text: 'Hel' }] }),
        chunk({ content: 'lo' }),
        stop,
      ),
    );
    const seen = await eventsOf(
      await cloud.whole.post('/v1/chat/completions', { ...asked, stream: true }),
    );
    const all = (name: string): string =>
      seen
        .flatMap(({ choices }) => (choices as readonly JsonObject[]).map(({ delta }) => delta))
        .map((delta) => textIn(isObject(delta) ? delta[name] : undefined))
        .join('');
    expect({ reasoning_content: all('reasoning_content'), content: all('content') }).toEqual(
      thought,
    );
  });

  test('a caller that sends it back is not refused for a member that Mistral does not know', async () => {
    await cloud.whole.post('/v1/chat/completions', history({ role: 'assistant', ...thought }));
    expect(cloud.asked()['messages']).toMatchObject([{}, { content: 'Hello' }, {}]);
    expect(JSON.stringify(cloud.asked())).not.toContain('reasoning_content');
  });
});

describe('an end in words of its own', () => {
  test.each([
    ['load', 'stop'],
    ['unload', 'stop'],
    ['pause_turn', 'stop'],
    ['repetition', 'stop'],
    ['<|eot_id|>', 'stop'],
    ['refusal', 'content_filter'],
    ['ERROR_TOXIC', 'content_filter'],
    ['ERROR_LIMIT', 'length'],
  ])('%s is %s', async (reason, meant) => {
    cloud.say(events(said, chunk({}, reason)));
    const { choices } = await cloud.client.chat.completions.create(asked);
    expect(choices[0]?.finish_reason).toBe(meant);
  });

  test.each(['abort', 'error', 'insufficient_system_resource', 'MALFORMED_FUNCTION_CALL'])(
    '%s is no answer: the next model is asked, and a stream that began is not said to be whole',
    async (reason) => {
      cloud.say(events(chunk({ role: 'assistant', content: null }, reason)));
      const answer = await cloud.whole.post('/v1/chat/completions', { ...asked, model: 'large' });
      expect(await answer.text()).toContain('local answers');
      cloud.say(events(said, chunk({}, reason)));
      const streamed = cloud.client.chat.completions.stream(asked).finalChatCompletion();
      await expect(streamed).rejects.toThrow(`gave its answer up: ${reason.toLowerCase()}`);
    },
  );
});

describe('embeddings', () => {
  const ask = (input: string | string[]) =>
    cloud.client.embeddings.create({ model: 'cloud/text-embedding-3-small', input });

  test('as numbers, for a SDK that decodes Base64', async () => {
    cloud.say(JSON.stringify({ data: [{ embedding: [0.5, -2, 1, 4] }] }));
    expect((await ask('a')).data).toEqual([
      { object: 'embedding', index: 0, embedding: [0.5, -2, 1, 4] },
    ]);
  });

  test('in another order', async () => {
    const data = [
      { object: 'embedding', index: 1, embedding: [2] },
      { object: 'embedding', index: 0, embedding: [1] },
    ];
    cloud.say(JSON.stringify({ object: 'list', data }));
    expect((await ask(['a', 'b'])).data.map(({ embedding }) => embedding)).toEqual([[1], [2]]);
  });

  test.each([
    ['fewer than inputs', '{"data":[{"embedding":[1]}]}'],
    ['no numbers', '{"data":[{"embedding":[NaN,1]},{"embedding":[1,2]}]}'],
  ])('%s are an error, before an index holds them', async (_what, body) => {
    cloud.say(body);
    await expect(ask(['a', 'b'])).rejects.toThrow('embedding');
  });
});

describe('Responses', () => {
  const response = (more: JsonObject) => ({
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    status: 'completed',
    model: 'm',
    output: [
      {
        id: 'm',
        type: 'message',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hi' }],
      },
    ],
    usage: { input_tokens: 3, output_tokens: 2 },
    ...more,
  });
  const full = {
    usage: {
      total_tokens: 5,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens_details: { reasoning_tokens: 0 },
    },
    output: [{ content: [{ annotations: [] }] }],
    tools: [],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    metadata: { a: 'b' },
  };
  const ask = { model: 'cloud/gpt-4o', input: 'hi', metadata: { a: 'b' } };

  test('with all that clients with types insist on', async () => {
    cloud.say(JSON.stringify(response({})));
    expect(await cloud.client.responses.create(ask)).toMatchObject(full);
  });

  test('whose events are numbered', async () => {
    const item = response({}).output[0] ?? {};
    const sent = [
      { type: 'response.created', response: response({ status: 'in_progress', output: [] }) },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, content: [] } },
      {
        type: 'response.output_text.delta',
        item_id: 'm',
        output_index: 0,
        content_index: 0,
        delta: 'Hi',
      },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: response({}) },
    ];
    cloud.say(sent.map((one) => `event: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`).join(''));
    const seen: unknown[] = [];
    for await (const one of await cloud.client.responses.create({ ...ask, stream: true }))
      seen.push(one);
    expect(seen).toMatchObject([
      { sequence_number: 0 },
      { sequence_number: 1 },
      { sequence_number: 2 },
      { sequence_number: 3, item: { content: [{ annotations: [] }] } },
      { sequence_number: 4, response: full },
    ]);
  });
});

describe('a stream that ends before it said anything is asked of the next model', () => {
  const opening = chunk({ role: 'assistant', content: '', refusal: null });
  const failed = 'data: {"error":{"code":502,"message":"Provider disconnected"}}\n\n';
  const begun = events(opening).replace('data: [DONE]\n\n', '');

  test.each([
    ['an error behind its opening', `${begun}${failed}`],
    ['an end behind its opening', begun],
    ['two openings and an error', `${begun}${begun}${failed}`],
  ])('%s', async (_what, sent) => {
    cloud.say(sent);
    const answer = await cloud.whole.post('/v1/chat/completions', { ...withUsage, model: 'large' });
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
    await answer.text();
  });
});

describe('a refusal that another model need not make', () => {
  test.each([
    [402, { error: { message: 'Insufficient credits', code: 402 } }],
    [400, { error: { message: 'Budget has been exceeded', type: 'budget_exceeded' } }],
    [413, { error: { message: 'Request Entity Too Large' } }],
  ])('%i: the next one is asked', async (status, body) => {
    cloud.say(JSON.stringify(body), status);
    const answer = await cloud.whole.post('/v1/chat/completions', { ...asked, model: 'large' });
    expect(await answer.text()).toContain('local answers');
    const named = await cloud.whole.post('/v1/chat/completions', asked);
    expect(named.status).toBe(status);
  });
});
