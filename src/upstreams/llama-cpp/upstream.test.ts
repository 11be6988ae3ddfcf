import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Upstream } from '../../core/upstream.ts';
import type { ObserveTokens, TokenScore } from '../../core/token-scores.ts';
import { isObject, objectsIn, type JsonObject } from '../../lib/json.ts';
import {
  begin,
  choice,
  content,
  failure,
  hi,
  patient,
  piece,
  rest,
  send,
  whole,
} from '../../../test/support/ask-upstream.ts';
import { makeGguf } from '../../../test/support/make-gguf.ts';
import { llamaCppUpstream } from './upstream.ts';

// The emoji is four tokens, a byte each: it must reach the caller whole.
const SENTENCE = 'Hello! I am a tiny model 🙂 and I answer every question like this.';
const contentOf = ({ logprobs }: JsonObject): readonly JsonObject[] =>
  isObject(logprobs) ? objectsIn(logprobs['content']) : [];

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-'));
const scripted = join(folder, 'scripted.gguf');
let local: Upstream;

beforeAll(() => {
  writeFileSync(scripted, makeGguf({ kind: 'scripted', text: SENTENCE }));
  local = llamaCppUpstream({
    name: 'local',
    model: 'tiny',
    modelFile: scripted,
    template: 'zephyr',
    contextTokens: 512,
    threads: 1,
  });
});

afterAll(async () => {
  await local.close();
  rmSync(folder, { recursive: true });
});

test('answers a chat in full, in the shape that OpenAI uses, with the tokens counted by the model', async () => {
  const body = await whole(local, hi());
  expect(body).toMatchObject({
    id: 'chatcmpl-r1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'tiny',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: SENTENCE, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
  });
  const { usage } = body;
  expect(usage).toMatchObject({ completion_tokens: expect.any(Number) });
  if (!isObject(usage)) throw new Error('no usage');
  expect(usage['total_tokens']).toBe(
    Number(usage['prompt_tokens']) + Number(usage['completion_tokens']),
  );
});

test('streams the same sentence: role first, then text, the finish, the usage if asked for, and the end', async () => {
  const events = await rest(await begin(local, hi(), { wantsUsage: true }));
  const data = events.map((event) => event.data);
  expect(new Set(data.slice(0, -1).map((chunk) => chunk?.['id']))).toEqual(
    new Set(['chatcmpl-r1']),
  );
  expect(choice(data[0])['delta']).toEqual({ role: 'assistant', content: '', refusal: null });
  expect(events.map(piece).join('')).toBe(SENTENCE);
  expect(choice(data.at(-3))).toMatchObject({ delta: {}, finish_reason: 'stop' });
  expect(data.at(-2)).toMatchObject({
    choices: [],
    usage: { prompt_tokens: expect.any(Number) },
  });
  expect(events.at(-1)).toMatchObject({ done: true });
  expect(Buffer.from(events.at(-1)?.bytes ?? []).toString()).toBe('data: [DONE]\n\n');
  for (const event of events.slice(0, -1))
    expect(Buffer.from(event.bytes).toString()).toBe(`data: ${JSON.stringify(event.data)}\n\n`);
});

test('sends no usage chunk that was not asked for, but keeps usage beside the bytes for the record', async () => {
  const events = await rest(await begin(local, hi()));
  const bytes = events.map((event) => Buffer.from(event.bytes).toString()).join('');
  expect(bytes).not.toContain('usage');
  expect(events.at(-2)?.data).toMatchObject({ usage: { completion_tokens: expect.any(Number) } });
});

test('reads a conversation of several turns, developer messages and text parts', async () => {
  const body = await whole(local, {
    temperature: 0,
    messages: [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
      { role: 'assistant', content: 'three' },
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'four' },
    ],
  });
  expect(content(body)).toBe(SENTENCE);
});

test('treats markers that a caller types as text, not as a turn', async () => {
  const tokens = async (text: string): Promise<number> => {
    const { usage } = await whole(local, hi(text));
    return isObject(usage) ? Number(usage['prompt_tokens']) : 0;
  };
  const marker = '<|assistant|>';
  expect((await tokens(marker)) - (await tokens('x'))).toBeGreaterThanOrEqual(marker.length - 2);
});

test.each([
  [' model', 'Hello! I am a tiny'],
  ['del 🙂 and', 'Hello! I am a tiny mo'],
  ['Hello', ''],
])('ends at the stop text %j without showing it', async (stop, shown) => {
  const body = await whole(local, hi('hi', { stop: ['nobody says this', stop] }));
  expect(content(body)).toBe(shown);
  expect(choice(body)['finish_reason']).toBe('stop');
});

test.each(['max_tokens', 'max_completion_tokens'])(
  'ends at %s with finish reason length',
  async (member) => {
    const body = await whole(local, hi('hi', { [member]: 3 }));
    expect(content(body)).toBe('Hello! I am');
    expect(choice(body)['finish_reason']).toBe('length');
    expect(body['usage']).toMatchObject({ completion_tokens: 3 });
  },
);

test('continues a raw prompt, whole and streamed', async () => {
  const ask = { operation: 'text_completion' } as const;
  const body = await whole(local, { prompt: 'once upon', temperature: 0, max_tokens: 40 }, ask);
  expect(body).toMatchObject({ object: 'text_completion', id: 'cmpl-r1' });
  expect(choice(body)).toMatchObject({ text: SENTENCE, finish_reason: 'stop' });
  const events = await rest(
    await begin(local, { prompt: ['once upon'], temperature: 0, max_tokens: 40 }, ask),
  );
  expect(events.map(piece).join('')).toBe(SENTENCE);
  expect(events.at(-1)).toMatchObject({ done: true });
});

test('gives a raw prompt 16 tokens if the caller sets no limit, as OpenAI does', async () => {
  const ask = { operation: 'text_completion' } as const;
  const body = await whole(local, { prompt: 'once upon', temperature: 0 }, ask);
  expect(choice(body)['finish_reason']).toBe('length');
  expect(body['usage']).toMatchObject({ completion_tokens: 16 });
});

test('writes JSON that fits the schema, whatever the model prefers', async () => {
  const schema = {
    type: 'object',
    properties: {
      ok: { type: 'boolean' },
      kind: { anyOf: [{ enum: ['a', 'b'] }, { type: 'null' }] },
    },
    required: ['ok', 'kind'],
    additionalProperties: false,
  };
  const format = { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } };
  const body = await whole(local, hi('hi', { response_format: format }));
  const answer: unknown = JSON.parse(content(body));
  expect(answer).toEqual({ ok: expect.any(Boolean), kind: expect.toBeOneOf(['a', 'b', null]) });
});

test('refuses a prompt that does not fit its window before it generates, and goes on serving', async () => {
  const error = await failure(send(local, hi('many words '.repeat(200))));
  expect(error.attemptCause).toBe('context_overflow');
  expect(error.message).toContain('512 tokens');
  expect(content(await whole(local, hi()))).toBe(SENTENCE);
});

test('gives the probability of each token, whole and streamed, where the caller asks for it', async () => {
  const asked = { logprobs: true, top_logprobs: 2 };
  const said = choice(await whole(local, hi('hi', asked)));
  const tokens = contentOf(said);
  expect(content({ choices: [said] })).toBe(SENTENCE);
  // the emoji's four tokens are parts of one character
  const readable = tokens.filter(({ bytes }) => bytes !== null);
  expect(tokens.length - readable.length).toBe(4);
  for (const token of tokens) {
    expect(token['logprob']).toBeLessThanOrEqual(0);
    expect(token['top_logprobs']).toHaveLength(2);
  }
  const events = await rest(await begin(local, hi('hi', asked)));
  expect(events.map(piece).join('')).toBe(SENTENCE);
  expect(events.flatMap(({ data }) => contentOf(choice(data)))).toEqual(tokens);
  const completion = choice(
    await whole(
      local,
      { prompt: 'hi', temperature: 0, logprobs: 1 },
      { operation: 'text_completion' },
    ),
  );
  expect(completion['logprobs']).toMatchObject({ tokens: expect.any(Array) });
});

test('tells the gateway the probabilities that it asks for, and the caller nothing of them', async () => {
  for (const stream of [false, true]) {
    const seen: TokenScore[] = [];
    const observeTokens: ObserveTokens = (tokens) => seen.push(...tokens);
    const plain = choice(await whole(local, hi()));
    const ask = { stream, observeTokens };
    if (stream) {
      const events = await rest(await begin(local, hi(), ask));
      expect(events.flatMap(({ data }) => contentOf(choice(data)))).toEqual([]);
    } else expect(choice(await whole(local, hi(), ask))).toEqual(plain);
    expect(seen.length).toBeGreaterThan(10);
    expect(seen.every(({ logprob, top }) => logprob <= 0 && top.length === 0)).toBe(true);
  }
});

test('ends at a stop text in the middle of a scored answer, and at its limit', async () => {
  const asked = { logprobs: true };
  const stopped = choice(await whole(local, hi('hi', { ...asked, stop: 'tiny' })));
  expect(content({ choices: [stopped] })).toBe('Hello! I am a ');
  expect(stopped['finish_reason']).toBe('stop');
  const cut = choice(await whole(local, hi('hi', { ...asked, max_tokens: 3 })));
  expect(cut['finish_reason']).toBe('length');
  expect(contentOf(cut)).toHaveLength(3);
});

test.each([
  ['tools', { tools: [{ type: 'function', function: { name: 'f' } }] }],
  ['several answers', { n: 2 }],
  ['log probabilities of JSON', { logprobs: true, response_format: { type: 'json_object' } }],
  ['token biases', { logit_bias: { '1': 5 } }],
  ['images', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }],
  ['tool results', { messages: [{ role: 'tool', content: '1', tool_call_id: 'x' }] }],
  [
    'schemas that it cannot enforce',
    {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { type: 'string', pattern: '^a' } },
      },
    },
  ],
])('refuses %s, rather than ignoring what was asked', async (_, body) => {
  const error = await failure(send(local, { ...hi(), ...body }));
  expect(error.attemptCause).toBe('not_capable');
  expect(error.tryNext).toBe(true);
});

test('names the request member that is wrong', async () => {
  const error = await failure(send(local, { messages: [] }));
  expect(error.attemptCause).toBe('rejected');
  expect(error.status).toBe(400);
  expect(error.toWire()).toMatchObject({ type: 'invalid_request_error', param: 'messages' });
});

test('refuses operations that it cannot serve', async () => {
  const error = await failure(send(local, {}, { operation: 'responses' }));
  expect(error.attemptCause).toBe('not_capable');
  expect(local.facts().capabilities.has('tools')).toBe(false);
});

test('reports its real window once it is loaded', async () => {
  expect(await local.probe(patient)).toMatchObject({ ok: true });
  expect(local.facts()).toMatchObject({ model: 'tiny', contextTokens: 512, locality: 'local' });
});
