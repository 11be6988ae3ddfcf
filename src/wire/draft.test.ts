import { expect, test } from 'vitest';
import type { Operation } from '../core/call.ts';
import type { JsonObject } from '../lib/json.ts';
import { draftReader } from './draft.ts';

function read(operation: Operation, ...bodies: readonly JsonObject[]) {
  const reader = draftReader(operation)!;
  for (const body of bodies) reader.observe(body);
  const { text, calls, finishReason } = reader.said;
  return { text, calls: calls.filter((call) => call !== undefined), finishReason };
}

const CALL = { name: 'trip', args: '{"city":"Ronda"}' };

test('a chat: whole, and in chunks', () => {
  const whole = {
    choices: [
      {
        index: 0,
        message: {
          content: 'Hello',
          tool_calls: [{ function: { name: 'trip', arguments: CALL.args } }],
        },
        finish_reason: 'tool_calls',
      },
    ],
  };
  const said = { text: 'Hello', calls: [CALL], finishReason: 'tool_calls' };
  expect(read('chat', whole)).toEqual(said);
  const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  const piece = (call: JsonObject): JsonObject => chunk({ tool_calls: [{ index: 0, ...call }] });
  expect(
    read(
      'chat',
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      piece({ function: { name: 'trip', arguments: '{"city"' } }),
      piece({ function: { arguments: ':"Ronda"}' } }),
      chunk({}, 'tool_calls'),
      { choices: [] },
    ),
  ).toEqual(said);
});

test('a completion', () => {
  const pieces = [
    { choices: [{ text: 'Hel' }] },
    { choices: [{ text: 'lo', finish_reason: 'length' }] },
  ];
  const said = { text: 'Hello', calls: [], finishReason: 'length' };
  expect(read('text_completion', ...pieces, { choices: [] })).toEqual(said);
});

test('a response: whole, and as events', () => {
  const output = [
    { type: 'reasoning', summary: [] },
    {
      type: 'message',
      content: [
        { type: 'output_text', text: 'Hel' },
        { type: 'refusal', refusal: 'lo' },
      ],
    },
    { type: 'function_call', name: 'trip', arguments: CALL.args },
  ];
  const whole = { object: 'response', status: 'completed', output };
  const said = { text: 'Hello', calls: [CALL], finishReason: 'stop' };
  expect(read('responses', whole)).toEqual(said);
  expect(
    read(
      'responses',
      { type: 'response.created', response: { status: 'in_progress' } },
      { type: 'response.output_text.delta', output_index: 0, delta: 'Hel' },
      { type: 'response.refusal.delta', output_index: 0, delta: 'lo' },
      {
        type: 'response.output_item.added',
        output_index: 1,
        item: { type: 'function_call', name: 'trip' },
      },
      { type: 'response.output_item.added', output_index: 2, item: { type: 'message' } },
      { type: 'response.function_call_arguments.delta', output_index: 1, delta: CALL.args },
      { type: 'response.completed', response: { status: 'completed' } },
    ),
  ).toEqual(said);
});

test.each([
  ['max_output_tokens', 'length'],
  ['content_filter', 'content_filter'],
])('a response that is incomplete for %s', (reason, finishReason) => {
  const body = { object: 'response', status: 'incomplete', incomplete_details: { reason } };
  expect(read('responses', body).finishReason).toBe(finishReason);
});

test('a message of Anthropic’s API: whole, and as events', () => {
  const content = [
    { type: 'thinking', thinking: 'hm' },
    { type: 'text', text: 'Hello' },
    { type: 'tool_use', name: 'trip', input: { city: 'Ronda' } },
  ];
  const said = { text: 'Hello', calls: [CALL], finishReason: 'tool_calls' };
  expect(read('messages', { type: 'message', content, stop_reason: 'tool_use' })).toEqual(said);
  expect(
    read(
      'messages',
      { type: 'message_start', message: { content: [] } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
      {
        type: 'content_block_start',
        index: 1,
        content_block: { type: 'tool_use', name: 'trip', input: {} },
      },
      {
        type: 'content_block_delta',
        index: 1,
        delta: { type: 'input_json_delta', partial_json: CALL.args },
      },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
      { type: 'message_stop' },
    ),
  ).toEqual(said);
});

test.each([
  ['end_turn', 'stop'],
  ['max_tokens', 'length'],
  ['refusal', 'content_filter'],
])('a message that stopped for %s', (reason, finishReason) => {
  expect(read('messages', { type: 'message', content: [], stop_reason: reason }).finishReason).toBe(
    finishReason,
  );
});

test('answers that are no chat are not read', () => {
  expect(draftReader('embeddings')).toBeUndefined();
});
