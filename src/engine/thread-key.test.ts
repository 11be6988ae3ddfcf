import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import type { JsonObject } from '../lib/json.ts';
import { placeInCanary, threadKey } from './thread-key.ts';

const system = { role: 'system', content: 'Be brief.' };
const first = { role: 'user', content: 'Hello' };
const later = [
  { role: 'assistant', content: 'Hi' },
  { role: 'user', content: 'And now?' },
];
const keyOf = (body: JsonObject, over = {}): string | undefined =>
  threadKey(call({ body, ...over }));

test('a conversation keeps its key as it grows', () => {
  expect(keyOf({ messages: [system, first, ...later] })).toBe(keyOf({ messages: [system, first] }));
});

test.each([
  ['another first message', { messages: [system, { role: 'user', content: 'Bye' }] }, {}],
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

test("the caller's own name for it goes before how it began", () => {
  const session = { session: 's1' };
  expect(keyOf({ messages: [first] }, session)).toBe(keyOf({ messages: [system] }, session));
  const named = { prompt_cache_key: 'k' };
  expect(keyOf({ messages: [first], ...named })).toBe(keyOf({ messages: [system], ...named }));
});

test('what is no conversation has none', () => {
  expect(threadKey(call({ operation: 'embeddings' }))).toBeUndefined();
});

test('places are spread evenly over 0..1', () => {
  const places = Array.from({ length: 2000 }, (_, index) =>
    placeInCanary(keyOf({ messages: [{ role: 'user', content: `${index}` }] }) ?? ''),
  );
  const below = places.filter((place) => place < 0.1).length;
  expect(below).toBeGreaterThan(140);
  expect(below).toBeLessThan(260);
});
