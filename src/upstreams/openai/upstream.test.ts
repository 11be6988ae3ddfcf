import { expect, test } from 'vitest';
import { failure, hi, patient, send } from '../../../test/support/ask-upstream.ts';
import { call } from '../../../test/support/call.ts';
import { allChunks, openaiHarness } from '../../../test/support/openai-harness.ts';
import type { UpstreamError } from '../../core/errors.ts';

const { rig, serverOf, upstreamAt } = openaiHarness();

test('the body is sent unchanged but for the model, without the caller’s credentials', async () => {
  const { mock, upstream } = await rig({ apiKey: 'ours' }, { apiKey: 'ours' });
  const payload = Buffer.from(
    '{ "seed":12345678901234567890,"model":"auto","x":{"model":"y"},"messages":[]}',
  );
  const forwardHeaders = {
    'x-client-request-id': 'c1',
    authorization: 'Bearer theirs',
    cookie: 'a=b',
    'x-forwarded-for': '1.2.3.4',
    'openai-organization': 'org',
  };
  await upstream.send({ call: call({ payload, forwardHeaders }), model: 'tiny' }, patient);
  const [seen] = mock.requests;
  expect(seen?.raw.toString()).toBe(payload.toString().replace('"auto"', '"tiny"'));
  expect(seen?.headers).toEqual({
    host: expect.any(String),
    'x-smallfirst-hop': expect.stringMatching(/^[a-z]{16}$/),
    connection: 'keep-alive',
    'content-length': String(payload.length),
    'user-agent': 'smallfirst',
    'accept-encoding': 'identity',
    authorization: 'Bearer ours',
    accept: 'application/json',
    'content-type': 'application/json',
    'x-client-request-id': 'c1',
  });
});

test('a whole answer of OpenAI itself passes byte for byte', async () => {
  const text =
    '{ "id":"c", "object":"chat.completion", "created":5, "model":"m", "big":12345678901234567890,\n"choices":[{"index":0,"message":{"role":"assistant","content":"Hi" },"finish_reason":"stop"}] }';
  const headers = {
    'content-type': 'application/json',
    'x-request-id': 'r9',
    'set-cookie': 'a=b',
    'x-ratelimit-limit-requests': '5',
    'openai-version': '2020-10-01',
  };
  const { upstream } = await rig({ behaviour: () => ({ kind: 'raw', body: text, headers }) });
  const answer = await send(upstream, hi());
  expect(answer.kind === 'whole' && Buffer.from(answer.bytes).toString()).toBe(text);
  expect(answer.headers).toEqual({
    'x-upstream-request-id': 'r9',
    'x-ratelimit-limit-requests': '5',
    'openai-version': '2020-10-01',
  });
});

test('redirects are not followed', async () => {
  const { mock, upstream } = await rig({
    behaviour: () => ({
      kind: 'raw',
      status: 302,
      body: '',
      headers: { location: 'http://127.0.0.1:1/' },
    }),
  });
  expect((await failure(send(upstream, hi()))).attemptCause).toBe('bad_answer');
  expect(mock.requests).toHaveLength(1);
});

test('a refusal keeps the message, the status and the headers that callers act on', async () => {
  const { upstream } = await rig({
    behaviour: () => ({
      kind: 'error',
      status: 429,
      message: 'Slow down.',
      headers: { 'retry-after': '7', 'x-should-retry': 'true', 'x-internal': 'no' },
    }),
  });
  const error: UpstreamError = await failure(send(upstream, hi()));
  expect(error.attemptCause).toBe('rate_limited');
  expect(error.status).toBe(429);
  expect(error.toWire()).toEqual({
    message: 'Slow down.',
    type: 'requests',
    param: null,
    code: 'rate_limit_exceeded',
  });
  expect(error.headers).toEqual({ 'retry-after': '7', 'x-should-retry': 'true' });
});

test('a passthrough carries any method, query, body and status, unread', async () => {
  const url = await serverOf((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      response.writeHead(409, { 'content-type': 'audio/mpeg', 'set-cookie': 'x=y' });
      response.end(
        Buffer.concat([
          Buffer.from(`${request.method} ${request.url} ${request.headers['content-type']} `),
          ...parts,
        ]),
      );
    });
  });
  const raw = call({
    operation: 'passthrough',
    method: 'PUT',
    path: '/audio/speech?x=1&y=%2F',
    body: {},
    payload: Buffer.from([0, 255, 10, 13]),
    contentType: 'multipart/form-data; boundary=b',
  });
  const answer = await upstreamAt(url).send({ call: raw, model: '' }, patient);
  if (answer.kind !== 'raw') throw new Error(answer.kind);
  expect(answer.status).toBe(409);
  expect(answer.headers).toEqual({ 'content-type': 'audio/mpeg' });

  expect(await allChunks(answer.chunks)).toEqual(
    Buffer.concat([
      Buffer.from('PUT /v1/audio/speech?x=1&y=%2F multipart/form-data; boundary=b '),
      Buffer.from([0, 255, 10, 13]),
    ]),
  );
});

test.each(['/../admin', '/files/%2e%2e/x', '/a/..', 'x'])(
  'a path that climbs out, %s, is not sent',
  async (path) => {
    const { mock, upstream } = await rig();
    const raw = call({ operation: 'passthrough', method: 'GET', path });
    expect((await failure(upstream.send({ call: raw, model: '' }, patient))).attemptCause).toBe(
      'rejected',
    );
    expect(mock.requests).toHaveLength(0);
  },
);

test('a large download arrives complete at a slow reader', async () => {
  const block = Buffer.alloc(1024 * 1024, 7);
  const url = await serverOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    for (let i = 0; i < 8; i += 1) response.write(block);
    response.end();
  });
  const raw = call({
    operation: 'passthrough',
    method: 'GET',
    path: '/files/x/content',
    payload: Buffer.alloc(0),
  });
  const answer = await upstreamAt(url).send({ call: raw, model: '' }, patient);
  if (answer.kind !== 'raw') throw new Error(answer.kind);
  await new Promise(setImmediate);
  expect((await allChunks(answer.chunks)).equals(Buffer.concat(Array(8).fill(block)))).toBe(true);
});

test.each([
  ['gpt-oss:120b-cloud', 'local', 0],
  ['kimi:cloud', 'local', 0],
  ['gpt-oss:20b', 'local', 1],
  ['gpt-oss:120b-cloud', 'cloud', 1],
] as const)('Ollama’s %s at a %s upstream is asked %d times', async (model, locality, asked) => {
  const { mock, upstream } = await rig({}, { locality, dialect: 'ollama' });
  const sent = upstream.send({ call: call(), model }, patient);
  if (asked === 1) await sent;
  else expect((await failure(sent)).attemptCause).toBe('withheld');
  expect(mock.requests).toHaveLength(asked);
});
