import { expect, test } from 'vitest';
import { call } from '../../../test/support/call.ts';
import { contentChanges, envelopeChanges, eventStamp } from './normalise.ts';

const chat = {
  call: call({ id: 'r7', receivedAtMs: 1_700_000_000_999 }),
  model: 'asked',
  hasUniqueIds: true,
};
const full = {
  id: 'x',
  object: 'chat.completion',
  model: 'm',
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
  expect(envelopeChanges(full, chat)).toEqual({});
  expect(contentChanges(full, chat.call)).toEqual({});
});

test('required members are added, and extra ones are kept', () => {
  const call1 = { id: 'c', type: 'function', function: { name: 'f', arguments: { a: 1 } } };
  const body = {
    choices: [{ index: 0, timings: 1, message: { tool_calls: [call1], reasoning: 'hm' } }],
  };
  expect(contentChanges(body, chat.call)).toEqual({
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

test('the envelope of a whole answer is completed, and its id replaced where the server repeats its own', () => {
  const added = { id: 'chatcmpl-r7', object: 'chat.completion', created: 1_700_000_000 };
  expect(envelopeChanges({ id: '' }, chat)).toEqual({ ...added, model: 'asked' });
  const { object, model, created } = full;
  expect(envelopeChanges(full, { ...chat, hasUniqueIds: false })).toEqual({
    id: 'chatcmpl-r7',
    object,
    created,
    model,
  });
});

test("every event of a stream has the first one's time", () => {
  const stamp = eventStamp({ ...chat, hasUniqueIds: false });
  const like = { object: 'chat.completion.chunk', model: 'm' };
  const first = stamp({ ...like, id: 'a', created: 9 });
  expect(first).toEqual({ id: '"chatcmpl-r7"', created: '9' });
  expect(stamp({ ...like, id: 'b', created: 10 })).toEqual(first);
});
