/** OpenAI's SDK: chat completions, streamed, from upstreams that frame, count and break in every way. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mark, type Behaviour } from '../support/mock-upstream.ts';
import { isGateway, seesUpstreams, startTarget, type Target } from './support/target.ts';

let target: Target;
let client: OpenAI;

beforeAll(async () => {
  target = await startTarget();
  client = new OpenAI({ baseURL: target.url, apiKey: target.apiKey, maxRetries: 0 });
});
afterAll(() => target.close());

type Params = OpenAI.ChatCompletionCreateParamsStreaming;
type Chunk = OpenAI.ChatCompletionChunk;

async function chunksOf(text: string, more: Partial<Params> = {}): Promise<readonly Chunk[]> {
  const stream = await client.chat.completions.create({
    model: target.model,
    messages: [{ role: 'user', content: text }],
    ...more,
    stream: true,
  });
  const chunks: Chunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks: readonly Chunk[], index = 0) =>
  chunks
    .flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
    .map(({ delta }) => delta.content ?? '')
    .join('');

async function rawStream(text: string, more: object = {}): Promise<Response> {
  return fetch(`${target.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${target.apiKey}` },
    body: JSON.stringify({
      model: target.model,
      stream: true,
      messages: [{ role: 'user', content: text }],
      ...more,
    }),
  });
}

test('the pieces make the text, in order, and one finish chunk ends them', async () => {
  const text = Array.from({ length: 200 }, (_, index) => `w${index}`).join(' ');
  const chunks = await chunksOf(mark({ kind: 'answer', text }));
  expect(textOf(chunks)).toBe(text);
  expect(chunks.filter(({ choices }) => choices[0]?.finish_reason === 'stop')).toHaveLength(1);
});

test('every chunk has the same id, time and model, and the first has the role', async () => {
  const chunks = await chunksOf('hello there');
  for (const member of ['id', 'created', 'model', 'object'] as const)
    expect(new Set(chunks.map((chunk) => chunk[member])).size, member).toBe(1);
  expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
});

test('the wire is what OpenAI sends: event stream, no length, [DONE] last and once', async () => {
  const response = await rawStream('hello');
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(response.headers.get('content-length')).toBeNull();
  const text = await response.text();
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  expect(text.match(/\[DONE\]/g)).toHaveLength(1);
});

describe('usage', () => {
  test('comes in a last chunk without choices when asked for', async () => {
    const chunks = await chunksOf('hello', { stream_options: { include_usage: true } });
    const last = chunks.at(-1);
    expect(last?.choices).toEqual([]);
    expect(last?.usage?.total_tokens).toBeGreaterThan(0);
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
  });

  test.each<[string, Partial<Params>]>([
    ['not asked for', {}],
    ['asked not to', { stream_options: { include_usage: false } }],
    ['null options', { stream_options: null }],
  ])('stays out when %s: no chunk without choices', async (_name, more) => {
    const chunks = await chunksOf('hello', more);
    expect(chunks.every(({ choices }) => choices.length > 0)).toBe(true);
  });

  test.runIf(isGateway)('is counted where the upstream says zero of an answer', async () => {
    const chunks = await chunksOf(mark({ kind: 'answer', text: 'x y', usage: 'zero' }), {
      stream_options: { include_usage: true },
    });
    expect(chunks.at(-1)?.usage?.prompt_tokens).toBeGreaterThan(0);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(2);
  });

  test.runIf(isGateway).each(['always', 'every-chunk'] as const)(
    'that an upstream sends unasked (%s) leaves no chunk without choices',
    async (usage) => {
      const chunks = await chunksOf(mark({ kind: 'answer', text: 'x y', usage }));
      expect(chunks.every(({ choices }) => choices.length > 0)).toBe(true);
      expect(textOf(chunks)).toBe('x y');
    },
  );

  test.runIf(isGateway)('asked for and not sent by the upstream is counted', async () => {
    const chunks = await chunksOf(
      mark({ kind: 'answer', text: 'some words here', usage: 'none' }),
      {
        stream_options: { include_usage: true },
      },
    );
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
  });
});

const HARD_TEXT = 'Größe: 5 €, 日本語 und 👍🏽 — "quoted" \\ and\nlines';

test.each<[string, object]>([
  ['CRLF', { eol: '\r\n' }],
  ['CR', { eol: '\r' }],
  ['every byte alone', { splitEvery: 1 }],
  ['every two bytes', { splitEvery: 2 }],
  ['every seven bytes', { splitEvery: 7 }],
  ['CRLF and every byte alone', { eol: '\r\n', splitEvery: 1 }],
  ['a cut after the first byte', { splitAt: [1] }],
  ['a cut in the field name', { splitAt: [4] }],
  ['comments between', { comments: true }],
  ['no space after the colon', { noSpace: true }],
  ['event names and ids', { named: true }],
  ['two events a write', { pairs: true }],
  ['no [DONE]', { noDone: true }],
])('an upstream that frames with %s reads the same', async (_name, framing) => {
  const chunks = await chunksOf(mark({ kind: 'answer', text: HARD_TEXT, framing }));
  expect(textOf(chunks)).toBe(HARD_TEXT);
  expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('stop');
});

test.runIf(isGateway)('a stream that was whole but had no [DONE] gets one', async () => {
  const framing = { noDone: true };
  const response = await rawStream(mark({ kind: 'answer', text: 'x', framing }));
  expect((await response.text()).endsWith('data: [DONE]\n\n')).toBe(true);
});

type Breakage = Extract<Behaviour, { kind: 'broken' }>['how'];

describe.runIf(isGateway)('a broken upstream never looks like a finished answer', () => {
  const ways: readonly Breakage[] = [
    'reset',
    'end',
    'half-event',
    'half-reset',
    'error-event',
    'garbage',
  ];
  const cases = ways.flatMap((how) => [1, 3, 5].map((after) => ({ how, after })));

  test.each(cases)('$how after $after chunks makes the SDK fail', async ({ how, after }) => {
    const marked = mark({ kind: 'broken', how, after });
    await expect(chunksOf(`a fine long sentence to be streamed ${marked}`)).rejects.toThrow(
      OpenAI.APIError,
    );
  });

  test.each(cases)(
    '$how after $after chunks leaves an error event and no [DONE]',
    async ({ how, after }) => {
      const marked = mark({ kind: 'broken', how, after });
      const response = await rawStream(`a fine long sentence to be streamed ${marked}`);
      const text = await response.text();
      expect(text).toContain('"error"');
      expect(text).not.toContain('[DONE]');
    },
  );
});

test('n choices are told apart', async () => {
  const chunks = await chunksOf('hello', { n: 2 });
  expect(textOf(chunks, 1)).toBe(textOf(chunks, 0));
  const ends = chunks.flatMap(({ choices }) => choices).filter((c) => c.finish_reason !== null);
  expect(new Set(ends.map(({ index }) => index))).toEqual(new Set([0, 1]));
});

test('logprobs come chunk by chunk', async () => {
  const chunks = await chunksOf('hello', { logprobs: true, top_logprobs: 1 });
  const tokens = chunks.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? []);
  expect(tokens.map(({ token }) => token).join('')).toBe(textOf(chunks));
});

test('a refusal is streamed as one', async () => {
  const chunks = await chunksOf(mark({ kind: 'answer', refusal: 'I cannot do that.' }));
  const refusal = chunks.map(({ choices }) => choices[0]?.delta.refusal ?? '').join('');
  expect(refusal).toBe('I cannot do that.');
});

test('unknown members of chunks and reasoning text come through', async () => {
  const chunks = await chunksOf(
    mark({ kind: 'answer', text: 'x', reasoning: 'let me think', extra: { x_extra: 1 } }),
  );
  expect(chunks[0]).toHaveProperty('x_extra', 1);
  const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
  const reasoning = deltas.map((delta) =>
    'reasoning_content' in delta ? delta.reasoning_content : '',
  );
  expect(reasoning.join('')).toBe('let me think');
});

test.each([400, 401, 429, 500, 503])(
  'an error %i before the first token is an HTTP error',
  async (status) => {
    const response = await rawStream(mark({ kind: 'error', status }));
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  },
);

test('the stream helper gathers the whole answer', async () => {
  const stream = client.chat.completions.stream({
    model: target.model,
    messages: [{ role: 'user', content: 'hello' }],
  });
  const pieces: string[] = [];
  stream.on('content', (piece) => pieces.push(piece));
  const final = await stream.finalChatCompletion();
  expect(final.choices[0]?.message.content).toBe(pieces.join(''));
});

test('forty streams at once are all whole', async () => {
  const texts = Array.from({ length: 40 }, (_, i) => `${i}: ${'x y z '.repeat(i)}end`);
  const got = await Promise.all(
    texts.map((text) => chunksOf(mark({ kind: 'answer', text, chunkDelayMs: 1 }))),
  );
  expect(got.map((chunks) => textOf(chunks))).toEqual(texts);
});

test.runIf(seesUpstreams && isGateway)(
  'usage is asked of the upstream although the caller did not',
  async () => {
    await chunksOf('hello');
    expect(target.arrived().at(-1)?.body['stream_options']).toMatchObject({ include_usage: true });
  },
);
