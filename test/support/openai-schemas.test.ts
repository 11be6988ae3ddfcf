import { expect, test } from 'vitest';
import { conforms } from './openai-schemas.ts';
import { chunk, completion } from './scripted-chat.ts';

const message = { content: 'Hi', refusal: null };

test('an answer in OpenAI’s shape conforms', () => {
  expect(conforms('chat', completion(message))).toEqual([]);
  expect(conforms('chat chunk', chunk({ content: 'Hi' }))).toEqual([]);
  const model = { id: 'm', object: 'model', created: 1, owned_by: 'us' };
  expect(conforms('model', model)).toEqual([]);
  expect(conforms('models', { object: 'list', data: [model] })).toEqual([]);
  const usage = { prompt_tokens: 1, total_tokens: 1 };
  const data = [{ object: 'embedding', index: 0, embedding: [0.5] }];
  expect(conforms('embeddings', { object: 'list', model: 'm', data, usage })).toEqual([]);
  const choices = [{ text: 'a', index: 0, logprobs: null, finish_reason: 'stop' }];
  const completed = { id: 'c', object: 'text_completion', created: 1, model: 'm', choices };
  expect(conforms('completion', completed)).toEqual([]);
  const error = { message: 'x', type: 'invalid_request_error', param: null, code: null };
  expect(conforms('error', { error })).toEqual([]);
});

test('a missing member is named with its place', () => {
  expect(conforms('chat', completion({ content: 'Hi' }))).toEqual([
    expect.stringContaining("/choices/0/message must have required property 'refusal'"),
  ]);
});

test('a wrong value is named with the allowed values', () => {
  expect(conforms('chat', completion(message, 'done'))).toEqual([
    expect.stringMatching(
      /finish_reason must be equal to one of the allowed values \["stop".*is "done"/,
    ),
  ]);
});

test('an error without all four members does not conform', () => {
  expect(conforms('error', { error: { message: 'x', type: 'y' } })).not.toEqual([]);
});

test('an event of an unknown type does not conform', () => {
  expect(conforms('response event', { type: 'response.surprise' })).not.toEqual([]);
});
