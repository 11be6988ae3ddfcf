import { expect, test } from 'vitest';
import { call } from '../../../test/support/call.ts';
import type { JsonObject } from '../../lib/json.ts';
import { eventStamp, wholeChanges } from './normalise.ts';

const chat = { call: call({ id: 'r7', receivedAtMs: 1_700_000_000_999 }), hasUniqueIds: true };
const full = {
  id: 'x',
  created: 5,
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      logprobs: null,
      message: { role: 'assistant', content: 'hi', refusal: null, reasoning_content: 'hm' },
    },
  ],
};

test('a complete answer is unchanged', () => {
  expect(wholeChanges(full, chat)).toEqual({});
});

test('required members are added, and extra ones are kept', () => {
  const call1 = { id: 'c', type: 'function', function: { name: 'f', arguments: { a: 1 } } };
  const body = {
    id: '',
    choices: [{ index: 0, timings: 1, message: { tool_calls: [call1], reasoning: 'hm' } }],
  };
  expect(wholeChanges(body, chat)).toEqual({
    id: 'chatcmpl-r7',
    created: 1_700_000_000,
    choices: [
      {
        index: 0,
        timings: 1,
        logprobs: null,
        message: {
          role: 'assistant',
          content: null,
          refusal: null,
          reasoning: 'hm',
          tool_calls: [{ ...call1, function: { name: 'f', arguments: '{"a":1}' } }],
        },
      },
    ],
  });
});

test("every event of a stream has the first one's time", () => {
  const stamp = eventStamp({ ...chat, model: 'asked', hasUniqueIds: false });
  const like = { object: 'chat.completion.chunk', model: 'm' };
  const first = stamp({ ...like, id: 'a', created: 9 });
  expect(first).toEqual({ id: '"chatcmpl-r7"', created: '9' });
  expect(stamp({ ...like, id: 'b', created: 10 })).toEqual(first);
});

const embedding = (value: JsonObject['x'], encoding?: string): JsonObject =>
  wholeChanges(
    { object: 'list', data: [{ object: 'embedding', index: 0, embedding: value }] },
    {
      call: call({ operation: 'embeddings', body: encoding ? { encoding_format: encoding } : {} }),
      hasUniqueIds: true,
    },
  );

test('embeddings come in the encoding that was asked for', () => {
  const base64 = Buffer.from(new Float32Array([0.5, -2]).buffer).toString('base64');
  expect(embedding([0.5, -2], 'base64')).toMatchObject({ data: [{ index: 0, embedding: base64 }] });
  expect(embedding(base64, 'float')).toMatchObject({ data: [{ embedding: [0.5, -2] }] });
  expect(embedding(base64)).toMatchObject({ data: [{ embedding: [0.5, -2] }] });
  expect(embedding(base64, 'base64')).toEqual({});
  expect(embedding([0.5, -2], 'float')).toEqual({});
});
