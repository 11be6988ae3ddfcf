import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({ config: 'limits: { maxBodyBytes: 1048576, maxMembers: 5000 }' });
});
afterAll(() => whole.close());

const CHAT = '/v1/chat/completions';
const message = { role: 'user', content: 'hi' };
const messages = [message];

interface Row {
  readonly what: string;
  readonly body: unknown;
  readonly status?: number;
  readonly wire: { readonly param?: string | null; readonly code?: string | null };
}

const ROWS: readonly Row[] = [
  { what: 'half a JSON', body: '{"model":', wire: { param: null, code: null } },
  { what: 'an empty body', body: '', wire: { param: null, code: null } },
  { what: 'an array', body: '[1]', wire: { code: 'invalid_type' } },
  { what: 'a string', body: '"hi"', wire: { code: 'invalid_type' } },
  {
    what: 'no model',
    body: { messages },
    wire: { param: 'model', code: 'missing_required_parameter' },
  },
  { what: 'a model that is a number', body: { model: 1, messages }, wire: { param: 'model' } },
  { what: 'no messages', body: { model: 'auto' }, wire: { param: 'messages' } },
  { what: 'empty messages', body: { model: 'auto', messages: [] }, wire: { code: 'empty_array' } },
  {
    what: 'messages that are a string',
    body: { model: 'auto', messages: 'hi' },
    wire: { param: 'messages' },
  },
  {
    what: 'a message that is a string',
    body: { model: 'auto', messages: ['hi'] },
    wire: { param: 'messages[0]' },
  },
  {
    what: 'no role',
    body: { model: 'auto', messages: [{ content: 'x' }] },
    wire: { param: 'messages[0].role' },
  },
  {
    what: 'an unknown role',
    body: { model: 'auto', messages: [message, { role: 'robot', content: 'x' }] },
    wire: { param: 'messages[1].role', code: 'invalid_value' },
  },
  {
    what: 'content that is a number',
    body: { model: 'auto', messages: [{ role: 'user', content: 5 }] },
    wire: { param: 'messages[0].content' },
  },
  {
    what: 'a user message whose content is null',
    body: { model: 'auto', messages: [{ role: 'user', content: null }] },
    wire: { param: 'messages[0].content', code: 'invalid_type' },
  },
  {
    what: 'a user message without content',
    body: { model: 'auto', messages: [{ role: 'user' }] },
    wire: { param: 'messages[0].content', code: 'missing_required_parameter' },
  },
  {
    what: 'stream as text',
    body: { model: 'auto', messages, stream: 'yes' },
    wire: { param: 'stream' },
  },
  {
    what: 'stream_options that are no object',
    body: { model: 'auto', messages, stream_options: 'usage' },
    wire: { param: 'stream_options' },
  },
  { what: 'n of 0', body: { model: 'auto', messages, n: 0 }, wire: { param: 'n' } },
  {
    what: 'a fractional max_tokens',
    body: { model: 'auto', messages, max_tokens: 1.5 },
    wire: { param: 'max_tokens' },
  },
  {
    what: 'tools that are an object',
    body: { model: 'auto', messages, tools: {} },
    wire: { param: 'tools' },
  },
  {
    what: 'an unknown model',
    body: { model: 'gpt-99', messages },
    status: 404,
    wire: { code: 'model_not_found' },
  },
  {
    what: 'an unknown upstream',
    body: { model: 'moon/x', messages },
    status: 404,
    wire: { code: 'model_not_found' },
  },
];

const unasked = (param: string, other: string, route: string): string =>
  `Missing required parameter: '${param}'. '${other}' is what ${route} takes: send it there, or write '${param}'.`;

/** Told whole: what was wrong, and what to do. */
const SAID: readonly (readonly [string, object, string])[] = [
  [CHAT, { prompt: 'hi' }, unasked('messages', 'prompt', '/v1/completions')],
  [CHAT, { input: 'hi' }, unasked('messages', 'input', '/v1/responses')],
  ['/v1/completions', { messages }, unasked('prompt', 'messages', CHAT)],
  ['/v1/responses', { messages }, unasked('input', 'messages', CHAT)],
  ['/v1/embeddings', { prompt: 'hi' }, unasked('input', 'prompt', '/v1/completions')],
  [CHAT, { messages: {} }, wrong('messages', 'an array of objects', 'an object')],
  ['/v1/completions', { prompt: 5 }, wrong('prompt', 'a string or an array', 'a number')],
  ['/v1/responses', { input: 5 }, wrong('input', 'a string or an array of items', 'a number')],
  ['/v1/responses', { input: ['hi', 5] }, wrong('input[1]', 'an object', 'a number')],
  ['/v1/responses', { input: [{}] }, "Missing required parameter: 'input[0].type'."],
  [
    '/v1/responses',
    { input: 'hi', previous_response_id: 5 },
    wrong('previous_response_id', 'a string', 'a number'),
  ],
];

function wrong(param: string, expected: string, got: string): string {
  return `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`;
}

describe('a mistake of the caller', () => {
  test.each(SAID)('%s of %j', async (path, body, said) => {
    const answer = await whole.post(path, { model: 'auto', ...body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { message: said } });
  });

  test.each(ROWS)('$what', async ({ body, status = 400, wire }) => {
    const answer = await whole.post(CHAT, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/json');
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
    expect(error).toMatchObject({ type: 'invalid_request_error', ...wire });
    expect((await whole.record(answer)).outcome).toBe('failed');
  });

  test('nesting a hundred thousand deep', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const answer = await whole.post(CHAT, `{"model":"auto","messages":[],"metadata":${deep}}`);
    expect(answer.status).toBe(400);
  });

  test('a body over the limit, announced or not, compressed or not', async () => {
    const big = JSON.stringify({
      model: 'auto',
      messages: [{ role: 'user', content: 'x'.repeat(2_000_000) }],
    });
    const plain = await whole.post(CHAT, big);
    const { gzipSync } = await import('node:zlib');
    const bomb = await fetch(whole.gateway.url + CHAT, {
      method: 'POST',
      body: new Uint8Array(gzipSync(big)),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    const unannounced = await fetch(whole.gateway.url + CHAT, {
      method: 'POST',
      body: new Blob([big]).stream(),
      headers: { 'content-type': 'application/json' },
      duplex: 'half',
    });
    expect([plain.status, bomb.status, unannounced.status]).toEqual([413, 413, 413]);
  });

  test('a body of too many members, compressed or not: the error names the limit and its value', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 5_001 }, (_, at) => [at, 'x']));
    const json = JSON.stringify({ model: 'auto', messages: [], metadata });
    const { gzipSync } = await import('node:zlib');
    const packed = await fetch(whole.gateway.url + CHAT, {
      method: 'POST',
      body: new Uint8Array(gzipSync(json)),
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    });
    for (const answer of [await whole.post(CHAT, json), packed]) {
      expect(answer.status).toBe(413);
      expect(await answer.text()).toMatch(/more than 5000 members.*raise limits\.maxMembers/);
    }
  });

  test.each([
    ['text/xml', {}, 415],
    ['application/json', { 'content-encoding': 'snappy' }, 415],
    ['application/json', { 'content-encoding': 'gzip' }, 415],
    ['application/json; charset=utf-8', {}, 200],
  ])('content type %s with %o is %d', async (type, headers, status) => {
    const body = { model: 'auto', messages: [{ role: 'user', content: EASY }] };
    const answer = await whole.post(CHAT, body, { headers: { 'content-type': type, ...headers } });
    expect(answer.status).toBe(status);
  });

  test.each([
    ['PUT', '/v1/chat/completions', 405],
    ['GET', '/v1/embeddings', 405],
    ['POST', '/v1/models', 405],
    ['GET', '/nowhere', 404],
    ['GET', '/v1/models/none', 404],
  ])('%s %s is %d, in OpenAI’s shape', async (method, path, status) => {
    const answer = await fetch(whole.gateway.url + path, { method });
    expect(answer.status).toBe(status);
    const { error } = (await answer.json()) as { error: Record<string, unknown> };
    expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
    if (path.startsWith('/v1/')) expect((await whole.record(answer)).status).toBe(status);
  });
});

test.each([
  ['POST', '/nowhere/chat/completions', "The base URL of an OpenAI client ends in '/v1'."],
  ['PUT', '/v1/chat', 'The body is a chat: send it with POST to /v1/chat/completions.'],
])('%s %s is told where to go', async (method, path, said) => {
  const answer = await fetch(whole.gateway.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'auto', messages }),
  });
  expect(answer.status).toBe(404);
  const { error } = (await answer.json()) as { error: { message: string } };
  expect(error.message).toContain(said);
});

describe('embeddings and completions', () => {
  test.each([
    ['/v1/embeddings', { model: 'text-embedding-3-small' }, 'input'],
    ['/v1/embeddings', { model: 'text-embedding-3-small', input: '' }, 'input'],
    ['/v1/embeddings', { model: 'text-embedding-3-small', input: 5 }, 'input'],
    ['/v1/completions', { model: 'auto' }, 'prompt'],
    ['/v1/responses', { model: 'auto' }, 'input'],
  ])('%s with %o misses %s', async (path, body, param) => {
    const answer = await whole.post(path, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param } });
  });
});

describe('a web page that made its name point here', () => {
  test('is refused by its Host header', async () => {
    const { port } = whole.gateway;
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let got = '';
      socket.on('data', (chunk) => (got += chunk.toString()));
      socket.on('end', () => resolve(got)).on('error', reject);
      socket.write(
        'POST /v1/chat/completions HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
    });
    expect(text).toContain('403');
    expect(text).toContain('caller_bad_host');
  });
});

test('the process is still well afterwards', async () => {
  expect((await fetch(`${whole.gateway.url}/healthz`)).status).toBe(200);
  expect((await whole.chat(EASY)).status).toBe(200);
});
