import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { chatToMessages } from './to-messages.ts';

const call = (id: string) => ({
  id,
  type: 'function',
  function: { name: 'look', arguments: '{}' },
});
const use = (id: string) => ({ type: 'tool_use', id, name: 'look', input: {} });
const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
const image = {
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: 'AAAA' },
};
const text = (said: string) => ({ type: 'text', text: said });
const result = (id: string, content: JsonObject[string]) => ({
  role: 'tool',
  tool_call_id: id,
  content: content ?? null,
});
const messagesOf = (...messages: readonly JsonObject[]): unknown =>
  chatToMessages({ messages }, 'claude')['messages'];

test('a result keeps its pictures, and texts alone are one text', () => {
  const asked = { role: 'assistant', tool_calls: [call('a'), call('b')] };
  const shown = result('a', [text('This:'), picture]);
  const said = result('b', [text('Nothing'), text('there.')]);
  expect(messagesOf(asked, shown, said)).toEqual([
    { role: 'assistant', content: [use('a'), use('b')] },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'a', content: [text('This:'), image] },
        { type: 'tool_result', tool_use_id: 'b', content: 'Nothing\nthere.' },
      ],
    },
  ]);
});

test('results come first in the turn behind their calls, and each call has one', () => {
  const asked = { role: 'assistant', tool_calls: ['a', 'b', 'c'].map(call) };
  const between = { role: 'user', content: 'Look at it.' };
  expect(messagesOf(asked, result('a', 'A'), between, result('b', 'B'))).toMatchObject([
    { role: 'assistant' },
    {
      role: 'user',
      content: [
        { tool_use_id: 'a', content: 'A' },
        { tool_use_id: 'b', content: 'B' },
        { tool_use_id: 'c', content: expect.stringContaining('interrupted') as string },
        text('Look at it.'),
      ],
    },
  ]);
});
