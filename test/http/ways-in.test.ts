/** However a client spells a route of ours, it is judged, or refused: nothing that is a chat is carried unread. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());
beforeEach(() => {
  whole.local.clear();
  whole.cloud.clear();
});

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
}

/** The target goes out as it is written: `fetch` would normalise it. */
function send(method: string, path: string, body?: unknown): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request({ port: whole.gateway.port, method, path, headers }, (incoming) => {
      const { statusCode: status = 0 } = incoming;
      const answered = (got: string): void =>
        resolve({ status, headers: incoming.headers, body: got === '' ? {} : JSON.parse(got) });
      text(incoming).then(answered, reject);
    });
    asked.on('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const chat = { model: 'auto', messages: [{ role: 'user', content: EASY }] };

test.each([
  '/v1//chat/completions',
  '//v1/chat/completions',
  '/v1/chat/completions/',
  '/v1/v1/chat/completions',
  '/V1/Chat/Completions',
  '/v1/./chat/completions',
  '/v1/audio/../chat/completions',
  '/v1/%63hat%2Dx/../chat/completions',
  '/v1/chat/completions?api-version=preview',
])('POST %s is routed', async (path) => {
  const { status, headers } = await send('POST', path, chat);
  expect([status, headers['x-smallfirst-tier']]).toEqual([200, 'small']);
  expect(whole.local.requests.at(-1)?.path).toMatch(/^\/v1\/chat\/completions(\?|$)/);
  expect(whole.cloud.requests).toEqual([]);
});

test.each([
  ['/v1/engines/auto/chat/completions', { messages: chat.messages }],
  ['/v1/engines/auto/completions', { prompt: EASY }],
])('POST %s takes the model from the path', async (path, body) => {
  const { status, headers } = await send('POST', path, body);
  expect([status, headers['x-smallfirst-tier']]).toEqual([200, 'small']);
});

test('a model in the body goes before the one in the path', async () => {
  const { status } = await send('POST', '/v1/engines/nobody/chat/completions', chat);
  expect(status).toBe(200);
});

describe('nothing that is a chat is carried unread', () => {
  test.each([
    ['POST', '/v1/openai/chat/completions', chat],
    ['POST', '/v1/chat/Completions%2F', chat],
    ['POST', '/v1/azure/responses', { model: 'auto', input: EASY }],
    ['POST', '/v1/other', chat],
    ['POST', '/v1/proxy/embeddings', { model: 'auto', input: EASY }],
  ])('%s %s is 404, with a word on where chats go', async (method, path, body) => {
    const { status, body: answer } = await send(method, path, body);
    expect(status).toBe(404);
    expect(answer['error']).toMatchObject({
      code: 'unknown_url',
      message: expect.stringContaining('/v1/chat/completions'),
    });
    expect(whole.cloud.requests).toEqual([]);
  });

  test('what is no chat is still carried to the cloud', async () => {
    const { status } = await send('POST', '/v1/moderations/', { input: EASY });
    expect(status).toBe(200);
    expect(whole.cloud.requests.map(({ path }) => path)).toEqual(['/v1/moderations']);
  });
});

test.each([
  ['OPTIONS', '/v1/chat/completions', 405],
  ['OPTIONS', '/v1/models', 405],
  ['OPTIONS', '/v1/files', 404],
  ['GET', '/v1', 404],
  ['GET', '/v1/', 404],
])('%s %s is %d and travels nowhere', async (method, path, status) => {
  expect((await send(method, path)).status).toBe(status);
  expect(whole.cloud.requests).toEqual([]);
});

test.each([
  ['GET', '/v1/models/%E0%A4%A'],
  ['GET', '/v1/files/%zz'],
  ['POST', '/v1/chat/completions%'],
])('%s %s has a bad escape and is 400, in OpenAI’s shape', async (method, path) => {
  const { status, body } = await send(method, path, method === 'POST' ? chat : undefined);
  expect([status, body['error']]).toMatchObject([400, { code: 'invalid_url', param: null }]);
  expect(whole.cloud.requests).toEqual([]);
});
