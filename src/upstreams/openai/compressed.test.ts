/** Servers that compress although they were asked not to, over real sockets. */
import {
  brotliCompressSync,
  constants,
  createGzip,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import { expect, test } from 'vitest';
import {
  begin,
  failure,
  hi,
  patient,
  rest,
  send,
  whole,
} from '../../../test/support/ask-upstream.ts';
import { call } from '../../../test/support/call.ts';
import { allChunks, openaiHarness, textOf } from '../../../test/support/openai-harness.ts';

const { serverOf, upstreamAt } = openaiHarness();

const message = { role: 'assistant', content: 'Hi' };
const choices = [{ index: 0, message, finish_reason: 'stop' }];
const named = { id: 'c', object: 'chat.completion', created: 5, model: 'm' };
const BODY = { ...named, choices, said: 'ü'.repeat(100_000) };
const TEXT = JSON.stringify(BODY);

const CODINGS = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['GZIP', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['identity, gzip', gzipSync],
  ['br, gzip', (text: string) => gzipSync(brotliCompressSync(text))],
] as const;

const serving = (encoding: string, body: Buffer, status = 200, type = 'application/json') =>
  serverOf((_request, response) => {
    const headers = { 'content-type': type, 'content-encoding': encoding };
    response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
  });

test.each(CODINGS)('a whole answer in %s is read', async (encoding, encode) => {
  const url = await serving(encoding, encode(TEXT));
  expect(await whole(upstreamAt(url), hi())).toEqual(BODY);
});

test.each(CODINGS)('a stream in %s is read', async (encoding, encode) => {
  const delta = { role: 'assistant' };
  const last = { ...named, choices: [{ index: 0, delta, finish_reason: 'stop' }] };
  const text = `data: ${JSON.stringify({ choices: [], said: BODY.said })}\n\ndata: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`;
  const url = await serving(encoding, encode(text), 200, 'text/event-stream');
  expect(textOf(await rest(await begin(upstreamAt(url), hi())))).toBe(text);
});

test('a compressed stream gives each event when it comes', async () => {
  const zip = createGzip({ flush: constants.Z_SYNC_FLUSH });
  const url = await serverOf((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    zip.pipe(response);
    zip.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}],"at":1}\n\n');
  });
  const events = await begin(upstreamAt(url), hi());
  expect((await events.next()).value).toMatchObject({ data: { at: 1 } });
  zip.write('data: {"choices":[{"index":0,"delta":{}}],"at":2}\n\n');
  expect((await events.next()).value).toMatchObject({ data: { at: 2 } });
  await events.return?.();
});

test('a compressed refusal says what the server said', async () => {
  const text = JSON.stringify({ error: { message: 'quota is spent', type: 'x', code: null } });
  const error = await failure(send(upstreamAt(await serving('gzip', gzipSync(text), 429)), hi()));
  expect(error).toMatchObject({ attemptCause: 'rate_limited', message: 'quota is spent' });
});

test('a compressed list of models is read', async () => {
  const list = JSON.stringify({ object: 'list', data: [{ id: 'tiny' }] });
  const upstream = upstreamAt(await serving('br', brotliCompressSync(list)));
  expect(await upstream.probe(patient)).toMatchObject({ ok: true });
  expect(upstream.facts().models).toContain('tiny');
});

test.each([
  ['gzip', gzipSync(TEXT).subarray(0, -9), 'interrupted', 'ends too early'],
  ['gzip', Buffer.from(TEXT), 'bad_answer', 'cannot be decompressed'],
  ['deflate', Buffer.from(TEXT), 'bad_answer', 'cannot be decompressed'],
  ['compress', Buffer.from(TEXT), 'bad_answer', "as 'compress'"],
  ['constructor', Buffer.from(TEXT), 'bad_answer', "as 'constructor'"],
  ['gzip', Buffer.alloc(0), 'bad_answer', 'not with JSON'],
])('what is no %s fails in words', async (encoding, body, cause, words) => {
  const error = await failure(send(upstreamAt(await serving(encoding, body)), hi()));
  expect(error.attemptCause).toBe(cause);
  expect(error.message).toContain(words);
});

test('an answer that grows beyond the limit is given up', async () => {
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, 32));
  const error = await failure(send(upstreamAt(await serving('gzip', bomb)), hi()));
  expect(error.message).toContain('more than');
});

test('a carried answer keeps its bytes, and the header that says what they are', async () => {
  const body = gzipSync(TEXT);
  const url = await serving('gzip', body);
  const carried = call({ operation: 'passthrough', method: 'GET', path: '/files' });
  const answer = await upstreamAt(url).send({ call: carried, model: 'tiny' }, patient);
  if (answer.kind !== 'raw') throw new Error(`a ${answer.kind} answer`);
  expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip' });
  expect(await allChunks(answer.chunks)).toEqual(body);
});
