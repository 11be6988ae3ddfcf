import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import { readRequest, roleOf, textTokens } from './chat-request.ts';

const user = (content: JsonObject[string]): JsonObject => ({ role: 'user', content });
const image = { type: 'image_url', image_url: { url: 'https://example.org/a.png' } };

test('only text is counted: strings, text parts and prompts', () => {
  const text = 'one two three four five';
  const whole = textTokens({ messages: [user(text)] });
  expect(whole).toBeGreaterThan(3);
  const inline = { type: 'image_url', image_url: { url: `data:${'A'.repeat(9000)}` } };
  expect(textTokens({ messages: [user([{ type: 'text', text }, inline])] })).toBe(whole);
  expect(textTokens({ prompt: text })).toBe(whole);
  expect(textTokens({ prompt: [1, 2, 3] })).toBe(0);
});

test('a chat request: turns with their tool calls, and the capabilities it needs', () => {
  const calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }];
  const request = readRequest(
    call({
      body: {
        messages: [
          { role: 'developer', content: 'Be brief.' },
          user([{ type: 'text', text: 'What is' }, 'this?', image]),
          { role: 'assistant', content: null, tool_calls: calls },
          { role: 'tool', content: 'A cat.' },
        ],
        tools: [{ type: 'function' }],
        response_format: { type: 'json_schema' },
      },
    }),
  );
  expect(request.turns).toEqual([
    { role: 'system', text: 'Be brief.' },
    { role: 'user', text: 'What is\nthis?' },
    { role: 'assistant', text: JSON.stringify(calls) },
    { role: 'tool', text: 'A cat.' },
  ]);
  expect([request.images, request.toolResults]).toEqual([1, 1]);
  expect([...request.needs].toSorted()).toEqual([
    'chat',
    'image_url',
    'json_schema',
    'tools',
    'vision',
  ]);
});

test.each<[string, JsonObject]>([
  ['audio', { modalities: ['text', 'audio'] }],
  ['logprobs', { logprobs: true }],
  ['n', { n: 2 }],
  ['web_search', { web_search_options: {} }],
  ['stored_state', { previous_response_id: 'resp_1' }],
])('a request needs %s where it says %j, and not otherwise', (need, more) => {
  const needsOf = (body: JsonObject) =>
    [...readRequest(call({ body: { messages: [user('Hi')], ...body } })).needs].toSorted();
  expect(needsOf(more)).toEqual(['chat', need].toSorted());
  expect(needsOf({ modalities: ['text'], logprobs: false, n: 1 })).toEqual(['chat']);
});

const lark = { type: 'grammar', syntax: 'lark', definition: '%declare A' };
const regex = { type: 'grammar', grammar: { syntax: 'regex', definition: '[a-z]+' } };
const allowed = (mode: string) => ({
  type: 'allowed_tools',
  allowed_tools: { mode, tools: [{ type: 'function', function: { name: 'f' } }] },
});
const f = { type: 'function', function: { name: 'f' } };

test.each<[string, readonly JsonObject[], Json, readonly string[]]>([
  ['a function', [f], 'auto', ['tools']],
  ['a custom tool', [{ type: 'custom', name: 'a' }], 'auto', ['custom_tools']],
  [
    'one with a checkable grammar',
    [{ type: 'custom', custom: { name: 'a', format: regex } }],
    'auto',
    ['custom_tools'],
  ],
  [
    'one with another',
    [{ type: 'custom', name: 'a', format: lark }],
    'auto',
    ['custom_tools', 'tool_grammar'],
  ],
  ['a search', [{ type: 'web_search_preview' }], 'auto', ['web_search']],
  ['another hosted tool', [{ type: 'file_search' }, f], 'auto', ['hosted_tools', 'tools']],
  ['what is not allowed', [{ type: 'file_search' }, f], allowed('auto'), ['tools']],
  ['an allowed one that must be called', [f], allowed('required'), ['tool_choice', 'tools']],
])('%s: what a tool needs', (_, tools, choice, needs) => {
  const body = { messages: [user('Hi')], tools, tool_choice: choice };
  expect([...readRequest(call({ body })).needs].toSorted()).toEqual(['chat', ...needs].toSorted());
});

test('the input of /v1/responses is read as the chat messages it translates to', () => {
  const request = readRequest(
    call({ operation: 'responses', body: { instructions: 'Be brief.', input: 'Hello' } }),
  );
  expect(request.body['messages']).toHaveLength(2);
  expect(request.turns.map(({ role }) => role)).toEqual(['system', 'user']);
});

test('a prompt in tokens is no text, and needs a model that takes tokens', () => {
  const request = readRequest(
    call({ operation: 'text_completion', body: { prompt: ['Hello', [1, 2]] } }),
  );
  expect(request.turns).toEqual([{ role: 'user', text: 'Hello' }]);
  expect([...request.needs]).toContain('token_input');
});

test.each([
  ['developer', 'system'],
  ['function', 'tool'],
  ['narrator', undefined],
  [7, undefined],
])('the role %s is %s', (role, known) => {
  expect(roleOf({ role })).toBe(known);
});

test.each(['constructor', 'valueOf', 'toString', '__proto__'])(
  'a role or a part called %s is one that is not known',
  (name) => {
    expect(roleOf({ role: name })).toBeUndefined();
    const request = readRequest(
      call({ body: { messages: [{ role: name, content: [{ type: name, text: 'hi' }] }] } }),
    );
    expect(request.turns).toEqual([{ role: 'user', text: 'hi' }]);
    expect([...request.needs]).toEqual(['chat']);
  },
);
