/** An upstream of the kind `anthropic` behind the whole gateway: asked in its own API, by its clients and by chat's. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const MODEL = 'claude-opus-4-6';

interface Arrived {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: JsonObject;
}

const arrived: Arrived[] = [];

const usage = {
  input_tokens: 7,
  cache_creation_input_tokens: 20,
  cache_read_input_tokens: 100,
  output_tokens: 9,
};
/** Spaced as no serialiser of ours would. */
const WHOLE = `{ "id": "msg_1", "type": "message", "role": "assistant", "model": "${MODEL}",
  "content": [ { "type": "thinking", "thinking": "Hm.", "signature": "c2ln" }, { "type": "text", "text": "Looking." },
  { "type": "tool_use", "id": "toolu_1", "name": "f", "input": { "x": 1 } } ],
  "stop_reason": "tool_use", "stop_sequence": null, "usage": ${JSON.stringify(usage)} }`;

const EVENTS = [
  {
    type: 'message_start',
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: MODEL,
      content: [],
      usage: { ...usage, output_tokens: 1 },
    },
  },
  { type: 'ping' },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2ln' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Looking.' } },
  { type: 'content_block_stop', index: 1 },
  {
    type: 'content_block_start',
    index: 2,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
  },
  {
    type: 'content_block_delta',
    index: 2,
    delta: { type: 'input_json_delta', partial_json: '{"x":' },
  },
  {
    type: 'content_block_delta',
    index: 2,
    delta: { type: 'input_json_delta', partial_json: ' 1}' },
  },
  { type: 'content_block_stop', index: 2 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 9 } },
  { type: 'message_stop' },
];
const STREAM = EVENTS.map((data) => `event: ${data.type}\ndata:  ${JSON.stringify(data)}\n\n`).join(
  '',
);

const OVERLOADED = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';

function startAnthropic(): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const type = { 'content-type': 'application/json' };
      if (request.method === 'GET') {
        response.writeHead(200, type).end(`{"data":[{"type":"model","id":"${MODEL}"}]}`);
        return;
      }
      const text = Buffer.concat(chunks).toString();
      const body = JSON.parse(text) as JsonObject;
      arrived.push({ path: request.url ?? '', headers: request.headers, text, body });
      if (text.includes('be overloaded')) response.writeHead(529, type).end(OVERLOADED);
      else if (body['stream'] === true) {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(STREAM);
      } else response.writeHead(200, type).end(WHOLE);
    });
  });
}

let server: Server;
let whole: WholeGateway;
beforeAll(async () => {
  server = startAnthropic();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  whole = await startTestGateway({
    config: `  - { name: claude, kind: anthropic, url: "http://127.0.0.1:${port}/v1", model: ${MODEL}, apiKey: "\${KEY}" }`,
    env: { KEY: 'sk-ant' },
    policy: `
name: test
objective: { complexityBelow: 0 }
targets: { small: { upstream: local }, large: { upstream: claude } }
constraints:
  - { name: mask, when: "signals.pii >= 0.5", redact: all }`,
  });
});
afterAll(async () => {
  await whole.close();
  server.close();
});

const last = (): Arrived => {
  const one = arrived.at(-1);
  if (one === undefined) throw new Error('Nothing arrived.');
  return one;
};

const HEADERS = {
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'context-1m',
  'x-api-key': 'theirs',
};
/** With members that nobody here knows, spaced as it came. */
const own = (more = '') =>
  `{ "model": "${MODEL}",  "max_tokens": 50, "future": {"a": [1]},\n "messages": [ { "role": "user", "content": "Prove it." } ]${more} }`;

describe('a caller of /v1/messages', () => {
  test('is passed through byte for byte, with the operator’s key', async () => {
    const answer = await whole.post('/v1/messages', own(), { headers: HEADERS });
    expect(await answer.text()).toBe(WHOLE);
    expect(last()).toMatchObject({ path: '/v1/messages', text: own() });
    expect(last().headers).toMatchObject({
      'x-api-key': 'sk-ant',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'context-1m',
    });
    const { attempts } = await whole.record(answer);
    expect(attempts[0]?.usage).toEqual({
      inputTokens: 127,
      cachedInputTokens: 100,
      cacheWriteTokens: 20,
      outputTokens: 9,
      reasoningTokens: 0,
      source: 'reported',
    });
  });

  test('and so is its stream', async () => {
    const answer = await whole.post('/v1/messages', own(', "stream": true'), { headers: HEADERS });
    expect(await answer.text()).toBe(STREAM);
    const record = await whole.record(answer);
    expect(record).toMatchObject({ outcome: 'answered', stream: true });
    expect(record.attempts[0]).toMatchObject({
      answeredModel: MODEL,
      usage: { inputTokens: 127, outputTokens: 9, source: 'reported' },
    });
  });

  test('may use what chat cannot carry: only this upstream is asked', async () => {
    const tools = ', "tools": [ { "type": "bash_20250124", "name": "bash" } ]';
    const answer = await whole.post('/v1/messages', own(tools), { headers: HEADERS });
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('claude');
    expect(last().text).toBe(own(tools));
  });

  test('is sent no thinking that nobody signed, and the rest as it came', async () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Ours.', signature: '' },
          { type: 'thinking', thinking: 'Theirs.', signature: 'c2ln' },
          { type: 'text', text: 'Hello.' },
        ],
      },
      { role: 'user', content: 'Go on.' },
    ];
    await whole.post('/v1/messages', { model: MODEL, max_tokens: 9, messages });
    expect(last().body['messages']).toEqual([
      messages[0],
      { role: 'assistant', content: messages[1]?.content.slice(1) },
      messages[2],
    ]);
  });

  test('is masked by way of chat, and reads its own words', async () => {
    const messages = [{ role: 'user', content: 'Write to ana.lopez@mairie-lyon.fr.' }];
    const answer = await whole.post('/v1/messages', { model: MODEL, max_tokens: 9, messages });
    expect(answer.status).toBe(200);
    expect(last().text).not.toContain('ana.lopez');
    expect(last().path).toBe('/v1/messages');
    expect(await answer.json()).toMatchObject({ type: 'message', stop_reason: 'tool_use' });
  });

  test('gets its refusal in its own words', async () => {
    const body = own().replace('Prove it.', 'be overloaded').replace(MODEL, `claude/${MODEL}`);
    const answer = await whole.post('/v1/messages', body, { headers: HEADERS });
    expect(answer.status).toBe(529);
    expect(await answer.json()).toMatchObject({
      error: { type: 'overloaded_error', message: 'Overloaded' },
    });
  });
});

describe('a caller of chat', () => {
  const client = () =>
    new OpenAI({ baseURL: `${whole.gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
  const tools = ['e', 'f'].map((name) => ({
    type: 'function' as const,
    function: { name, parameters: { type: 'object' } },
  }));
  const params = {
    model: 'auto',
    messages: [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Prove it.' },
    ],
    tools,
  };
  const call = { id: 'toolu_1', type: 'function', function: { name: 'f' } };

  test('is answered in chat; the prompt’s unchanging part is marked for the cache', async () => {
    const { choices, usage: used } = await client().chat.completions.create(params);
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Looking.',
        reasoning_content: 'Hm.',
        tool_calls: [{ ...call, function: { name: 'f', arguments: '{"x":1}' } }],
      },
    });
    expect(used).toMatchObject({
      prompt_tokens: 127,
      completion_tokens: 9,
      prompt_tokens_details: { cached_tokens: 100 },
    });
    const { body, headers } = last();
    const cached = { cache_control: { type: 'ephemeral' } };
    expect(headers).toMatchObject({ 'x-api-key': 'sk-ant', 'anthropic-version': '2023-06-01' });
    expect(headers).not.toHaveProperty('authorization');
    expect(body).toEqual({
      model: MODEL,
      max_tokens: expect.any(Number) as number,
      system: [{ type: 'text', text: 'Be brief.', ...cached }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Prove it.' }] }],
      tools: [
        { name: 'e', input_schema: { type: 'object' } },
        { name: 'f', input_schema: { type: 'object' }, ...cached },
      ],
    });
  });

  test('and its stream too, with the usage that it asked for', async () => {
    const stream = client().chat.completions.stream({
      ...params,
      stream_options: { include_usage: true },
    });
    const { choices, usage: used } = await stream.finalChatCompletion();
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: 'Looking.',
        tool_calls: [{ ...call, function: { name: 'f', arguments: '{"x": 1}' } }],
      },
    });
    expect(used).toMatchObject({ prompt_tokens: 127, completion_tokens: 9 });
  });

  test('names what that API has no place for', async () => {
    const { response } = await client()
      .chat.completions.create({
        ...params,
        temperature: 0.5,
        top_p: 0.9,
        seed: 7,
        stop: ['x'],
        user: 'somebody',
      })
      .withResponse();
    expect(response.headers.get('x-smallfirst-left-out')).toBe('top_p, seed');
    expect(last().body).toMatchObject({ temperature: 0.5, stop_sequences: ['x'] });
  });

  test('is not sent where a part has no place: the next target is asked', async () => {
    const answer = await whole.chat('x', {
      messages: [{ role: 'user', content: [{ type: 'hologram', hologram: { url: 'v' } }] }],
    });
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
  });
});
