import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import type { JsonObject } from '../lib/json.ts';
import { placeInCanary, threadKeys } from './thread-key.ts';

const system = { role: 'system', content: 'Be brief.' };
const first = { role: 'user', content: 'Hello' };
const answer = { role: 'assistant', content: 'Hi' };
const second = { role: 'user', content: 'And now?' };
const keysOf = (body: JsonObject, over = {}) => threadKeys(call({ body, ...over }));
const keyOf = (body: JsonObject, over = {}) => keysOf(body, over)?.conversation;

test('a conversation keeps its key as it grows', () => {
  const grown = [system, first, answer, second];
  expect(keyOf({ messages: grown })).toBe(keyOf({ messages: [system, first] }));
});

test.each([
  ['another first message', { messages: [system, { role: 'user', content: 'Bye' }] }, {}],
  ['a second message before the first answer', { messages: [system, first, second] }, {}],
  ['another system prompt', { messages: [{ ...system, content: 'Be long.' }, first] }, {}],
  ['other tools', { messages: [system, first], tools: [{ type: 'function' }] }, {}],
  [
    'another caller',
    { messages: [system, first] },
    { caller: { name: 'other', labels: {}, mayOverride: true } },
  ],
])('%s is another conversation', (_what, body, over) => {
  expect(keyOf(body, over)).not.toBe(keyOf({ messages: [system, first] }));
});

test("the caller's own id for it takes precedence over its first messages", () => {
  const session = { session: 's1' };
  expect(keyOf({ messages: [first] }, session)).toBe(keyOf({ messages: [system] }, session));
});

test.each(['prompt_cache_key', 'user', 'safety_identifier', 'metadata'])(
  '`%s` is no conversation: two that share it are two',
  (member) => {
    const shared = { [member]: member === 'metadata' ? { user_id: 'u' } : 'shared' };
    expect(keyOf({ messages: [first], ...shared })).not.toBe(
      keyOf({ messages: [second], ...shared }),
    );
  },
);

test('a turn continues the one whose answer it has, whatever the tools are', () => {
  const begun = keysOf({ messages: [system, first], tools: [{ type: 'function' }] });
  const next = keysOf({ messages: [system, first, answer, second] });
  const third = keysOf({ messages: [system, first, answer, second, answer, first] });
  expect(begun?.previousTurn).toBeUndefined();
  expect(next?.previousTurn).toBe(begun?.turn);
  expect(third?.previousTurn).toBe(next?.turn);
});

test('so does the result of a tool, in either shape of the API', () => {
  const used = { role: 'assistant', content: null, tool_calls: [{ id: 'c1' }, { id: 'c2' }] };
  const results = ['c1', 'c2'].map((id) => ({ role: 'tool', tool_call_id: id, content: 'ok' }));
  const chat = [system, first, used, ...results];
  const after = keysOf({ messages: [...chat, answer, second] });
  expect(keysOf({ messages: chat })?.previousTurn).toBe(
    keysOf({ messages: [system, first] })?.turn,
  );
  expect(after?.previousTurn).toBe(keysOf({ messages: chat })?.turn);

  const operation = { operation: 'responses' };
  const called = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };
  const output = { type: 'function_call_output', call_id: 'c1', output: 'ok' };
  const whole = [{ type: 'message', ...first }, { type: 'reasoning', id: 'r' }, called, output];
  expect(keysOf({ input: whole }, operation)?.previousTurn).toBe(
    keysOf({ input: 'Hello' }, operation)?.turn,
  );
});

test('what was asked first is the same turn when it is asked again, and of this conversation alone', () => {
  const begun = keysOf({ messages: [first] });
  expect(keysOf({ messages: [first, answer, first] })?.turn).toBe(begun?.turn);
  expect(keysOf({ messages: [second, answer, first] })?.turn).not.toBe(begun?.turn);
  expect(begun?.turn).not.toBe(begun?.conversation);
  const operation = { operation: 'responses' };
  const instructed = keysOf({ instructions: 'Be brief.', input: [first] }, operation);
  const next = { instructions: 'Be brief.', input: [first, answer, second] };
  expect(keysOf(next, operation)?.previousTurn).toBe(instructed?.turn);
  expect(instructed?.turn).not.toBe(begun?.turn);
});

test('results of the same words, of other calls, are another turn', () => {
  const loop = (id: string) => [
    first,
    { role: 'assistant', content: null, tool_calls: [{ id }] },
    { role: 'tool', tool_call_id: id, content: 'exit 1' },
  ];
  expect(keysOf({ messages: loop('c1') })?.turn).not.toBe(keysOf({ messages: loop('c2') })?.turn);
});

test('the same words in a part, marked for a cache, are the same turn', () => {
  const marked = { type: 'text', text: 'Hello', cache_control: { type: 'ephemeral' } };
  expect(keysOf({ messages: [{ role: 'user', content: [marked] }] })).toEqual(
    keysOf({ messages: [first] }),
  );
});

test('what is no conversation has none', () => {
  expect(threadKeys(call({ operation: 'embeddings' }))).toBeUndefined();
});

test('places are spread evenly over 0..1', () => {
  const places = Array.from({ length: 2000 }, (_, index) =>
    placeInCanary(keyOf({ messages: [{ role: 'user', content: `${index}` }] }) ?? ''),
  );
  const below = places.filter((place) => place < 0.1).length;
  expect(below).toBeGreaterThan(140);
  expect(below).toBeLessThan(260);
});

test('a place is the first 32 bits of the key', () => {
  for (let index = 0; index < 200; index += 1) {
    const key = keyOf({ messages: [{ role: 'user', content: `${index}` }] }) ?? '';
    expect(placeInCanary(key)).toBe(Buffer.from(key, 'base64url').readUInt32BE(0) / 2 ** 32);
  }
});
