/** `/v1/messages`, Anthropic's API, through the whole gateway: both upstreams know chat only. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mark } from '../support/mock-upstream.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({
    policy: simplePolicy(`
constraints:
  - { name: pii-stays-local, when: "signals.pii >= 0.5", require: { locality: local } }`),
  });
});
afterAll(() => whole.close());

const VERSION = { 'anthropic-version': '2023-06-01' };

const ask = (content: unknown, more: Record<string, unknown> = {}, headers = {}) =>
  whole.post(
    '/v1/messages',
    {
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      messages: [{ role: 'user', content }],
      ...more,
    },
    { headers: { ...VERSION, ...headers } },
  );

interface Sent {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** The events of a stream; each is named by its type, as the SDKs demand. */
async function eventsOf(answer: Response): Promise<readonly Sent[]> {
  const text = await answer.text();
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('event: '))
    .map((event) => {
      const [, name, data = ''] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
      const parsed = JSON.parse(data) as Sent;
      expect(parsed.type).toBe(name);
      return parsed;
    });
}

describe('text', () => {
  test.each([
    ['easy', EASY, 'local', 'slm'],
    ['hard', HARD, 'cloud', 'gpt-4o'],
  ])('%s: judged like a chat, and answered in its own shape', async (_name, text, by, model) => {
    const answer = await ask(text);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-smallfirst-upstream')).toBe(by);
    expect(answer.headers.get('request-id')).toBe(answer.headers.get('x-request-id'));
    const body = (await answer.json()) as { usage: Record<string, number> };
    expect(body).toMatchObject({
      id: expect.stringMatching(/^msg_/) as string,
      type: 'message',
      role: 'assistant',
      model,
      content: [{ type: 'text', text: expect.stringContaining(text) as string }],
      stop_reason: 'end_turn',
      stop_sequence: null,
    });
    const record = await whole.record(answer);
    expect(record).toMatchObject({ operation: 'messages', outcome: 'answered', status: 200 });
    expect(record.attempts[0]?.usage).toMatchObject({
      inputTokens: body.usage['input_tokens'],
      outputTokens: body.usage['output_tokens'],
      source: 'reported',
    });
  });

  test('streams its own events in order, and the record has the same usage', async () => {
    const answer = await ask(EASY, { stream: true });
    expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const events = await eventsOf(answer);
    const types = events.map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(['message_start', 'content_block_start']);
    expect(new Set(types.slice(2, -3))).toEqual(new Set(['content_block_delta']));
    expect(types.slice(-3)).toEqual(['content_block_stop', 'message_delta', 'message_stop']);
    const delta = events.at(-2);
    expect(delta).toMatchObject({ delta: { stop_reason: 'end_turn', stop_sequence: null } });
    const { attempts } = await whole.record(answer);
    const [attempt] = attempts;
    expect(delta?.['usage']).toMatchObject({
      input_tokens: attempt?.usage?.inputTokens,
      output_tokens: attempt?.usage?.outputTokens,
    });
    expect(attempt).toMatchObject({ answeredModel: 'slm', ttftMs: expect.any(Number) as number });
  });

  test.each([false, true])(
    'of a server that reports no usage has that of its record (stream: %s)',
    async (stream) => {
      const answer = await ask(`${EASY} ${mark({ kind: 'answer', usage: 'none' })}`, { stream });
      const text = await answer.text();
      const [, output] = [
        ...(/"output_tokens":(\d+)/.exec(text.slice(text.lastIndexOf('"usage"'))) ?? []),
      ];
      const { attempts } = await whole.record(answer);
      expect(attempts[0]?.usage).toMatchObject({ source: 'counted', outputTokens: Number(output) });
      expect(Number(output)).toBeGreaterThan(0);
    },
  );

  test('what the prompt cache had is counted beside the input', async () => {
    const usage = { prompt: 30, completion: 4, cached: 20 };
    const answer = await ask(`${EASY} ${mark({ kind: 'answer', usage })}`);
    expect(await answer.json()).toMatchObject({
      usage: {
        input_tokens: 10,
        cache_read_input_tokens: 20,
        cache_creation_input_tokens: 0,
        output_tokens: 4,
      },
    });
    const { attempts } = await whole.record(answer);
    expect(attempts[0]?.usage).toMatchObject({ inputTokens: 30, cachedInputTokens: 20 });
  });

  test.each([
    ['length', 'max_tokens'],
    ['content_filter', 'refusal'],
    ['stop', 'end_turn'],
  ])('a finish reason %s is %s', async (finishReason, reason) => {
    const answer = await ask(`${EASY} ${mark({ kind: 'answer', finishReason })}`);
    expect(await answer.json()).toMatchObject({ stop_reason: reason });
  });
});

describe('what is sent to a chat upstream', () => {
  test('has chat’s members only', async () => {
    const ephemeral = { cache_control: { type: 'ephemeral' } };
    await ask([{ type: 'text', text: EASY, ...ephemeral }], {
      system: [
        { type: 'text', text: 'Be kind.', ...ephemeral },
        { type: 'text', text: 'Be brief.' },
      ],
      stop_sequences: ['END'],
      temperature: 0.5,
      top_k: 5,
      thinking: { type: 'enabled', budget_tokens: 2000 },
      metadata: { user_id: 'u1' },
      context_management: { edits: [] },
    });
    const { body, path, headers } = whole.local.requests.at(-1) ?? {};
    expect(path).toBe('/v1/chat/completions');
    expect(headers).not.toHaveProperty('anthropic-version');
    expect(body).toMatchObject({
      model: 'slm',
      messages: [
        { role: 'system', content: 'Be kind.\n\nBe brief.' },
        { role: 'user', content: EASY },
      ],
      stop: ['END'],
      temperature: 0.5,
    });
    const unknown = ['thinking', 'top_k', 'metadata', 'stop_sequences', 'context_management'];
    for (const member of unknown) expect(body).not.toHaveProperty(member);
    expect(JSON.stringify(body)).not.toContain('cache_control');
  });

  test('is personal data nowhere but here', async () => {
    const answer = await ask(HARD, { system: 'Write to ana.lopez@mairie-lyon.fr.' });
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
  });

  test('is nothing that chat cannot carry: it is refused in words', async () => {
    const answer = await ask(EASY, { tools: [{ type: 'bash_20250124', name: 'bash' }] });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});

describe('errors', () => {
  test.each([
    ['no body', '{', 400, 'invalid_request_error'],
    [
      'no model',
      { max_tokens: 1, messages: [{ role: 'user', content: 'x' }] },
      400,
      'invalid_request_error',
    ],
    [
      'another model',
      { model: 'gpt-9', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] },
      404,
      'not_found_error',
    ],
  ])('%s', async (_name, body, status, type) => {
    const answer = await whole.post('/v1/messages', body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({
      type: 'error',
      error: { type, message: expect.any(String) as string },
      request_id: answer.headers.get('request-id'),
    });
  });

  test.each([
    [429, 429, 'rate_limit_error'],
    [503, 529, 'overloaded_error'],
    [500, 500, 'api_error'],
  ])('an upstream’s %i is %i', async (theirs, ours, type) => {
    const failing = mark({ kind: 'error', status: theirs });
    const answer = await ask(failing, { model: 'small' });
    expect(answer.status).toBe(ours);
    expect(await answer.json()).toMatchObject({ type: 'error', error: { type } });
  });

  test('a stream that breaks off ends with an error event and no message_stop', async () => {
    const breaks = mark({ kind: 'broken', after: 3, how: 'reset' });
    const answer = await ask(breaks, { model: 'small', stream: true });
    const events = await eventsOf(answer);
    expect(events.at(-1)).toMatchObject({
      type: 'error',
      error: { type: 'api_error' },
      request_id: answer.headers.get('request-id'),
    });
    expect(events.map(({ type }) => type)).not.toContain('message_stop');
    expect(await whole.record(answer)).toMatchObject({ outcome: 'failed' });
  });

  test('batches of messages are carried nowhere', async () => {
    const answer = await whole.post('/v1/messages/batches', { requests: [] });
    expect(answer.status).toBe(404);
    expect(whole.cloud.requests.map(({ path }) => path)).not.toContain('/v1/messages/batches');
  });
});

describe('beside the answers', () => {
  const count = async (body: object): Promise<number> => {
    const request = { model: 'claude-opus-4-1', ...body };
    const answer = await whole.post('/v1/messages/count_tokens', request, { headers: VERSION });
    const { input_tokens: tokens } = (await answer.json()) as { input_tokens: number };
    return tokens;
  };

  test('tokens are counted here, as the records count them', async () => {
    const messages = [{ role: 'user', content: EASY }];
    const tokens = await count({ messages });
    const answer = await ask(mark({ kind: 'answer', usage: 'none' }), { model: 'small' });
    const { attempts } = await whole.record(answer);
    const content = mark({ kind: 'answer', usage: 'none' });
    expect(await count({ messages: [{ role: 'user', content }] })).toBe(
      attempts[0]?.usage?.inputTokens,
    );
    expect(await count({ messages, system: 'Be brief, please.' })).toBeGreaterThan(tokens);
    expect(whole.cloud.requests.map(({ path }) => path)).not.toContain('/v1/messages/count_tokens');
  });

  test('models are listed in the shape that the client speaks', async () => {
    const url = `${whole.gateway.url}/v1/models`;
    const listed = await (await fetch(url, { headers: VERSION })).json();
    expect(listed).toMatchObject({ has_more: false, first_id: 'auto' });
    const model = {
      type: 'model',
      id: 'local/slm',
      display_name: 'local/slm',
      created_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    };
    expect((listed as { data: unknown[] }).data).toContainEqual(model);
    const one = await fetch(`${url}/local%2Fslm`, { headers: VERSION });
    expect(await one.json()).toEqual(model);
    expect(await (await fetch(url)).json()).toMatchObject({ object: 'list' });
  });
});

test('in keys mode a key comes as x-api-key or as bearer', async () => {
  const guarded = await startTestGateway({
    config: `auth: { mode: keys, keys: [{ name: ana, key: "\${KEY}" }] }`,
    env: { KEY: 'sk-of-ana' },
  });
  try {
    const body = { model: 'auto', max_tokens: 5, messages: [{ role: 'user', content: EASY }] };
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await guarded.post('/v1/messages', body, { headers })).status;
    expect(await statusWith({ 'x-api-key': 'sk-of-ana' })).toBe(200);
    expect(await statusWith({ authorization: 'Bearer sk-of-ana' })).toBe(200);
    expect(await statusWith({ 'x-api-key': 'sk-of-bob' })).toBe(401);
    const answer = await guarded.post('/v1/messages', body);
    expect(await answer.json()).toMatchObject({ error: { type: 'authentication_error' } });
  } finally {
    await guarded.close();
  }
});
