import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UpstreamError } from '../../core/errors.ts';
import type { JsonObject } from '../../lib/json.ts';
import { chatJob, completionJob, embedJob } from './ask.ts';

const options = { sampling: { temperature: 0.7, topP: 0.8, topK: 20 }, maxOutputTokens: 100 };
const user = { messages: [{ role: 'user', content: 'hi' }] };

/** Bodies with the members that are read, and arbitrary values in them. */
const bodies = fc.record(
  Object.fromEntries(
    [
      'messages',
      'prompt',
      'input',
      'stop',
      'seed',
      'n',
      'tools',
      'max_tokens',
      'temperature',
      'logit_bias',
      'response_format',
      'best_of',
      'dimensions',
    ].map((member) => [member, fc.jsonValue()]),
  ),
  { requiredKeys: [] },
);

test('any body becomes a job or an error that says what is wrong', () => {
  fc.assert(
    fc.property(bodies, fc.constantFrom(chatJob, completionJob, embedJob), (body, read) => {
      try {
        // Every value of the arbitrary is JSON; its type says `unknown`.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        expect(read(body as JsonObject, options).kind).toMatch(/generate|embed/);
      } catch (error) {
        expect(error).toBeInstanceOf(UpstreamError);
      }
    }),
    { numRuns: 500 },
  );
});

test('absent and null members take the catalogue’s defaults', () => {
  const silent = chatJob(user, options);
  expect(silent).toMatchObject({
    maxTokens: 100,
    sampling: { temperature: 0.7, topP: 0.8, topK: 20, frequencyPenalty: 0, presencePenalty: 0 },
    stop: [],
    format: { kind: 'text' },
  });
  const nulls = { temperature: null, top_p: null, seed: null, stop: null, max_tokens: null };
  expect(chatJob({ ...user, ...nulls, tools: [], response_format: null }, options)).toEqual(silent);
});

test('the caller’s members are used', () => {
  const job = chatJob(
    {
      ...user,
      temperature: 0,
      top_p: 0.5,
      seed: -1,
      stop: 'end',
      max_tokens: 5,
      max_completion_tokens: 6,
      frequency_penalty: 0.5,
      presence_penalty: -0.5,
    },
    options,
  );
  expect(job).toMatchObject({
    maxTokens: 6,
    stop: ['end'],
    sampling: {
      temperature: 0,
      topP: 0.5,
      seed: 0xffffffff,
      frequencyPenalty: 0.5,
      presencePenalty: -0.5,
    },
  });
});

test.each([
  ['messages', { messages: 'hi' }],
  ['messages[0].role', { messages: [{ role: 'wizard', content: 'hi' }] }],
  [
    'messages[1].content',
    {
      messages: [
        { role: 'user', content: '' },
        { role: 'user', content: 7 },
      ],
    },
  ],
  ['max_tokens', { ...user, max_tokens: 0 }],
  ['temperature', { ...user, temperature: 'hot' }],
  ['temperature', { ...user, temperature: 2.1 }],
  ['top_p', { ...user, top_p: -0.1 }],
  ['frequency_penalty', { ...user, frequency_penalty: 3 }],
  ['presence_penalty', { ...user, presence_penalty: -3 }],
  ['logprobs', { ...user, logprobs: 'yes' }],
  ['tool_choice', { ...user, tool_choice: 'required' }],
  ['tool_choice', { ...user, tool_choice: { type: 'function', function: { name: 'f' } } }],
  ['response_format', { ...user, response_format: 'json' }],
  ['stop', { ...user, stop: [''] }],
  ['response_format', { ...user, response_format: { type: 'xml' } }],
])('%s is named when it is wrong', (param, body) => {
  expect(() => chatJob(body, options)).toThrow(
    expect.objectContaining({ attemptCause: 'rejected', wire: expect.objectContaining({ param }) }),
  );
});

test('embeddings take one text or many, and no empty ones', () => {
  expect(embedJob({ input: 'one' })).toEqual({ kind: 'embed', inputs: ['one'] });
  expect(embedJob({ input: ['one', 'two'] })).toEqual({ kind: 'embed', inputs: ['one', 'two'] });
  for (const input of ['', [], ['one', ''], null, {}, [1, 2], [[1], [2]]])
    expect(() => embedJob({ input })).toThrow('"input" must be');
});
