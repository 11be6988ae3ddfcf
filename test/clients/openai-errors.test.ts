/** OpenAI's SDK: every error class, from upstreams that word their errors in every way, and bad requests. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mark, type Behaviour } from '../support/mock-upstream.ts';
import { isGateway, startTarget, type Target } from './support/target.ts';

let target: Target;
let client: OpenAI;

beforeAll(async () => {
  target = await startTarget();
  client = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 0 });
});
afterAll(() => target.close());

/** Asks for the error, and a good answer after it: the upstreams are well, and the server stays up. */
async function errorOf(behaviour: Behaviour): Promise<InstanceType<typeof OpenAI.APIError>> {
  const ask = (content: string) =>
    client.chat.completions.create({ model: target.model, messages: [{ role: 'user', content }] });
  const error: unknown = await ask(mark(behaviour)).catch((reason: unknown) => reason);
  const after = await ask('are you well?');
  expect(after.object).toBe('chat.completion');
  if (!(error instanceof OpenAI.APIError)) throw new Error('It was answered.', { cause: error });
  return error;
}

const CLASSES = [
  [400, OpenAI.BadRequestError],
  [401, OpenAI.AuthenticationError],
  [403, OpenAI.PermissionDeniedError],
  [404, OpenAI.NotFoundError],
  [409, OpenAI.ConflictError],
  [422, OpenAI.UnprocessableEntityError],
  [429, OpenAI.RateLimitError],
  [500, OpenAI.InternalServerError],
  [503, OpenAI.InternalServerError],
] as const;

test.each(CLASSES.map(([status, type]) => ({ status, type })))(
  'status $status is its own class, with a request id',
  async ({ status, type }) => {
    const error = await errorOf({ kind: 'error', status, message: 'Told to fail.' });
    expect(error).toBeInstanceOf(type);
    if (status < 500) expect(error.status).toBe(status);
    expect(error.requestID).toMatch(/.+/);
    expect(error.message).toContain('Told to fail.');
  },
);

test.each<[string, Behaviour, Partial<Record<'code' | 'param' | 'type', string>>]>([
  [
    'context length',
    { kind: 'error', status: 400, code: 'context_length_exceeded', param: 'messages' },
    { code: 'context_length_exceeded', param: 'messages' },
  ],
  [
    'spent quota',
    { kind: 'error', status: 429, code: 'insufficient_quota', type: 'insufficient_quota' },
    { code: 'insufficient_quota', type: 'insufficient_quota' },
  ],
  [
    'unsupported value',
    { kind: 'error', status: 400, code: 'unsupported_value', param: 'temperature' },
    { code: 'unsupported_value', param: 'temperature' },
  ],
])('code and param of an error come through: %s', async (_name, behaviour, members) => {
  expect(await errorOf(behaviour)).toMatchObject(members);
});

const retryAfter = async (value: string): Promise<string> => {
  const error = await errorOf({ kind: 'error', status: 429, headers: { 'retry-after': value } });
  return error.headers?.get('retry-after') ?? '';
};

test.each(['1', '30'])('retry-after %s comes through', async (value) => {
  expect(await retryAfter(value)).toBe(value);
});

test('a retry-after that is a date comes through, from the gateway in seconds', async () => {
  expect(await retryAfter('Wed, 21 Oct 2065 07:28:00 GMT')).toMatch(
    isGateway ? /^\d{9,}$/ : /^Wed/,
  );
});

describe.runIf(isGateway)("errors of every server become OpenAI's", () => {
  const worded = [
    'openai',
    'openai-no-code',
    'llama-cpp',
    'ollama',
    'vllm',
    'sglang',
    'fastapi',
    'fastapi-list',
    'tgi',
    'text',
  ] as const;
  const wordless = ['html', 'empty'] as const;

  const shapes = [...worded, ...wordless].flatMap((shape) =>
    [400, 500].map((status) => ({ shape, status })),
  );

  test.each(shapes)('$shape with status $status', async ({ shape, status }) => {
    const error = await errorOf({ kind: 'error', status, shape, message: 'Told to fail.' });
    expect(error.error).toMatchObject({
      message: expect.stringMatching(/.+/),
      type: expect.stringMatching(/.+/),
    });
    expect(error.error).toHaveProperty('param');
    expect([null, 'string']).toContain(error.code === null ? null : typeof error.code);
    expect(error.message).not.toContain('<html');
    if (worded.includes(shape as (typeof worded)[number]))
      expect(error.message).toContain('Told to fail.');
    expect(Math.floor((error.status as number) / 100)).toBe(status / 100);
  });

  test.each<[string, Behaviour]>([
    [
      'HTML with status 200',
      { kind: 'raw', headers: { 'content-type': 'text/html' }, body: '<html>hi</html>' },
    ],
    ['no JSON with status 200', { kind: 'raw', body: '{"cut": ' }],
    ['an empty body with status 200', { kind: 'raw', body: '' }],
    ['an error object with status 200', { kind: 'raw', body: '{"error":{"message":"no"}}' }],
    ['a list with status 200', { kind: 'raw', body: '[1,2]' }],
    ['a reset before the first byte', { kind: 'reset' }],
    ['a reset after the headers', { kind: 'reset', afterHeaders: true }],
  ])('%s is an error of the upstream', async (_name, behaviour) => {
    const error = await errorOf(behaviour);
    expect(error.status).toBeGreaterThanOrEqual(500);
    expect(error.code ?? 'upstream_').toMatch(/^upstream_/);
  });
});

describe.runIf(isGateway)('bad requests', () => {
  const post = (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
    path = '/chat/completions',
  ) =>
    fetch(target.url + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${target.apiKey}`,
        ...headers,
      },
      body,
    });
  const good = { model: 'auto', messages: [{ role: 'user', content: 'hi' }] };
  const json = (more: object) => JSON.stringify({ ...good, ...more });

  test.each<[string, string, number]>([
    ['malformed JSON', '{"model": "auto", ', 400],
    ['an empty body', '', 400],
    ['a list', '[]', 400],
    ['a string', '"hello"', 400],
    ['null', 'null', 400],
    ['no messages', '{"model":"auto"}', 400],
    ['empty messages', json({ messages: [] }), 400],
    ['messages of the wrong type', json({ messages: 'hi' }), 400],
    ['a message that is no object', json({ messages: ['hi'] }), 400],
    ['a message without a role', json({ messages: [{ content: 'hi' }] }), 400],
    ['no model', '{"messages":[{"role":"user","content":"hi"}]}', 400],
    ['a model of the wrong type', json({ model: 7 }), 400],
    ['stream of the wrong type', json({ stream: 'yes' }), 400],
    ['an unknown model', json({ model: 'no-such-model' }), 404],
    [
      'depth without end',
      `{"model":"auto","messages":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      400,
    ],
  ])("%s is refused in OpenAI's shape", async (_name, body, status) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(response.headers.get('x-request-id')).toMatch(/.+/);
    const answer = (await response.json()) as { error: Record<string, unknown> };
    expect(Object.keys(answer.error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
    expect(answer.error['type']).toBe('invalid_request_error');
  });

  test("an unknown model has OpenAI's own code", async () => {
    const asked = client.chat.completions.create({
      model: 'no-such-model',
      messages: [{ role: 'user', content: 'x' }],
    });
    await expect(asked).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });

  test('an unsupported media type is 415', async () => {
    expect((await post('<a/>', { 'content-type': 'application/xml' })).status).toBe(415);
  });

  test('an unknown encoding is 415', async () => {
    expect((await post(json({}), { 'content-encoding': 'snappy' })).status).toBe(415);
  });

  test('a body with lone surrogates and NUL is answered', async () => {
    const body = String.raw`{"model":"auto","messages":[{"role":"user","content":"a\ud800b\u0000c"}]}`;
    expect((await post(body)).status).toBe(200);
  });

  test.each(['/no/such/route', '/chat/completions/x/y/z'])(
    'no such route %s is 404',
    async (path) => {
      const response = await post(json({}), {}, path);
      expect(response.status).toBe(404);
      expect(await response.json()).toHaveProperty('error.message');
    },
  );

  test('a wrong method is 405 and names the right one', async () => {
    const response = await fetch(`${target.url}/embeddings`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
  });
});
