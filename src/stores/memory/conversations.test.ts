import { expect, test } from 'vitest';
import type { ConversationPlace } from '../../core/decision.ts';
import { memoryConversations } from './conversations.ts';

const place = (model: string): ConversationPlace => ({ tier: 'small', upstream: 'local', model });

test('a conversation is found where it was last answered', () => {
  const threads = memoryConversations(() => 0);
  threads.remember('a', place('one'));
  threads.remember('a', place('two'));
  expect([threads.get('a')?.model, threads.get('b')]).toEqual(['two', undefined]);
});

test('one that was idle for more than an hour is forgotten', () => {
  let now = 0;
  const threads = memoryConversations(() => now);
  threads.remember('a', place('one'));
  now = 60 * 60 * 1000;
  expect(threads.get('a')).toBeDefined();
  now += 1;
  expect(threads.get('a')).toBeUndefined();
});

test('the least recently used one is forgotten when there are too many', () => {
  const threads = memoryConversations(() => 0, 2);
  for (const key of ['a', 'b', 'a', 'c']) threads.remember(key, place(key));
  expect(['a', 'b', 'c'].map((key) => threads.get(key) !== undefined)).toEqual([true, false, true]);
});
