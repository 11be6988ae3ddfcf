import { expect, test } from 'vitest';
import { firstChoice } from './chat-choice.ts';

const NOTHING = { reasoning: '', text: '', logprobs: [], refusal: '', calls: [] };

test.each([
  ['no choices', {}, undefined],
  ['a usage chunk', { choices: [] }, undefined],
  ['another choice only', { choices: [{ index: 1, delta: { content: 'b' } }] }, undefined],
  ['a choice that says nothing', { choices: [{ delta: null }] }, { finishReason: undefined }],
  [
    'the end',
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { finishReason: 'stop' },
  ],
  [
    'the second of two, by its index',
    {
      choices: [
        { index: 1, delta: { content: 'b' } },
        { index: 0, delta: { content: 'a' } },
      ],
    },
    { text: 'a' },
  ],
  [
    'text in parts, and reasoning by another name',
    { choices: [{ message: { content: [{ text: 'a' }, { text: 'b' }], reasoning: 'Hm.' } }] },
    { text: 'ab', reasoning: 'Hm.' },
  ],
  [
    'log probabilities with what OpenAI requires',
    { choices: [{ delta: { content: 'a' }, logprobs: { content: [{ token: 'a' }] } }] },
    { text: 'a', logprobs: [{ token: 'a', logprob: 0, bytes: [], top_logprobs: [] }] },
  ],
  [
    'calls: by position without an index, arguments as an object',
    {
      choices: [
        {
          message: {
            refusal: 'No.',
            tool_calls: [
              { id: 'a', function: { name: 'f', arguments: { x: 1 } } },
              { index: 7, function: { arguments: '{' } },
            ],
          },
        },
      ],
    },
    {
      refusal: 'No.',
      calls: [
        { index: 0, id: 'a', name: 'f', args: '{"x":1}' },
        { index: 7, id: '', name: '', args: '{' },
      ],
    },
  ],
  [
    'a call of an old server',
    { choices: [{ delta: { function_call: { name: 'f', arguments: '{}' } } }] },
    { calls: [{ index: 0, id: '', name: 'f', args: '{}' }] },
  ],
])('%s', (_name, body, expected) => {
  const nothing = { ...NOTHING, finishReason: undefined };
  expect(firstChoice(body)).toEqual(expected && { ...nothing, ...expected });
});
