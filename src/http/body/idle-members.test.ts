import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { readPayload } from './read-payload.ts';

const USER = { role: 'user', content: 'Hi' };
const ASKED = { model: 'auto', messages: [USER] };

const read = (text: string, operation: 'chat' | 'responses' | 'passthrough' = 'chat') =>
  readPayload(
    Buffer.from(text),
    { operation, method: 'POST', path: '/chat/completions', contentType: 'application/json' },
    { maxDepth: 128 },
  );

test.each<[JsonObject]>([
  [{ max_tokens: -1 }],
  [{ max_completion_tokens: -1, max_tokens: -1 }],
  [{ stream_options: { include_usage: true } }],
  [{ stream: false, stream_options: {} }],
  [{ stop: [] }],
])('%j says nothing, and is left out', (idle) => {
  const { stream } = idle;
  const expected = stream === undefined ? ASKED : { ...ASKED, stream };
  const { payload, body } = read(JSON.stringify({ ...idle, ...ASKED }));
  expect(body).toEqual(expected);
  expect(JSON.parse(payload.toString())).toEqual(expected);
});

test('so is the limit of a response', () => {
  const { body } = read('{"model":"auto","input":"Hi","max_output_tokens":-1}', 'responses');
  expect(body).toEqual({ model: 'auto', input: 'Hi' });
});

test.each<[JsonObject]>([
  [{ stream: true, stream_options: { include_usage: true } }],
  [{ max_tokens: null, stop: null, temperature: null, logit_bias: null, user: null }],
  [
    {
      tools: [],
      tool_choice: 'auto',
      n: 1,
      seed: 1.5,
      unknown: {},
      response_format: { type: 'text' },
    },
  ],
  [
    {
      messages: [
        USER,
        { role: 'assistant', content: null },
        { role: 'user', name: 'a', content: '' },
      ],
    },
  ],
  [{ messages: [USER, { role: 'assistant', content: 'It is' }] }],
])('%j is passed on as it came', (more) => {
  const text = JSON.stringify({ ...ASKED, ...more });
  expect(read(text).payload.toString()).toBe(text);
});

test('a byte-order mark is left out', () => {
  const text = JSON.stringify(ASKED);
  expect(read(`\uFEFF${text}`).payload.toString()).toBe(text);
});

test('what is carried unread keeps its mark', () => {
  expect(read('\uFEFF{"a":1}', 'passthrough').payload.toString()).toBe('\uFEFF{"a":1}');
});

test.each([
  [{ max_tokens: 0 }, 'For no limit leave it out, or send -1.'],
  [{ max_tokens: -2 }, 'it must be at least 1'],
  [{ max_tokens: '100' }, 'expected an integer, but got a string'],
  [{ n: -1 }, 'it must be at least 1, but is -1.'],
  [{ messages: [] }, 'Expected at least one message'],
  [{ stream: 'true' }, 'expected a boolean'],
  [{ stream_options: [] }, 'expected an object'],
])('%j could mean this or that, and is refused', (more, words) => {
  expect(() => read(JSON.stringify({ ...ASKED, ...more }))).toThrow(words);
});
