import { expect, test } from 'vitest';
import type { JsonObject } from '../lib/json.ts';
import { fittedNames } from './tool-names.ts';

const tool = (name: string) => ({ type: 'function', function: { name, parameters: {} } });
const sentNames = (...names: readonly string[]) =>
  (fittedNames({ tools: names.map(tool) })?.changes['tools'] as JsonObject[] | undefined)?.map(
    (one) => (one['function'] as JsonObject)['name'],
  );

test('a request whose names are taken is left alone', () => {
  expect(fittedNames({ messages: [{ role: 'user', name: 'Zoë B.', content: 'hi' }] })).toBe(
    undefined,
  );
  expect(fittedNames({ tools: [tool('get_weather'), tool('a-b')] })).toBe(undefined);
});

test.each([
  [['github.issues/create'], ['github_issues_create']],
  [['a b'], ['a_b']],
  [['wetter.köln'], ['wetter_k_ln']],
  // The same two names, in whichever order and turn, are sent as the same two.
  [
    ['a.b', 'a/b'],
    [expect.stringMatching(/^a_b_\w{8}$/), expect.stringMatching(/^a_b_\w{8}$/)],
  ],
  [
    ['a_b', 'a.b'],
    ['a_b', expect.stringMatching(/^a_b_\w{8}$/)],
  ],
  [[`mcp.${'x'.repeat(90)}`], [expect.stringMatching(/^mcp_x{51}_\w{8}$/)]],
])('%j is sent as %j', (names, sent) => {
  const written = sentNames(...names);
  expect(written).toEqual(sent);
  expect(new Set(written).size).toBe(names.length);
  expect(sentNames(...names.toReversed())).toEqual(written?.toReversed());
});

const called = {
  id: 'c',
  type: 'function',
  function: { name: 'a.b', arguments: '{"name":"a.b"}' },
};
const chat = {
  messages: [
    { role: 'user', name: 'a.b', content: 'a.b' },
    { role: 'assistant', content: null, tool_calls: [called] },
    { role: 'tool', tool_call_id: 'c', name: 'a.b', content: 'a.b' },
  ],
  tools: [tool('a.b')],
  tool_choice: { type: 'function', function: { name: 'a.b' } },
  response_format: { type: 'json_schema', json_schema: { name: 'a.b', schema: {} } },
};

test('calls, results and the choice of a tool have the name that the tool has', () => {
  const renamedCall = { name: 'a_b', arguments: '{"name":"a.b"}' };
  expect(fittedNames(chat)?.changes).toEqual({
    messages: [
      chat.messages[0],
      { role: 'assistant', content: null, tool_calls: [{ ...called, function: renamedCall }] },
      { role: 'tool', tool_call_id: 'c', name: 'a_b', content: 'a.b' },
    ],
    tools: [tool('a_b')],
    tool_choice: { type: 'function', function: { name: 'a_b' } },
  });
});

test('a conversation may hold calls of tools that are offered no more', () => {
  const { messages } = chat;
  expect(JSON.stringify(fittedNames({ messages })?.changes)).toContain('"name":"a_b"');
});

test.each<JsonObject>([
  { choices: [{ message: { role: 'assistant', tool_calls: [called] } }] },
  { choices: [{ delta: { tool_calls: [{ index: 0, ...called }] } }] },
  {
    choices: [{ message: { role: 'assistant', function_call: { name: 'a.b', arguments: '{}' } } }],
  },
  { output: [{ type: 'function_call', name: 'a.b', arguments: '{}' }] },
  { type: 'response.output_item.added', item: { type: 'custom_tool_call', name: 'a.b' } },
  { type: 'response.completed', response: { tools: [{ type: 'function', name: 'a.b' }] } },
  { type: 'response.function_call_arguments.done', name: 'a.b', arguments: '{}' },
])('the caller gets its own name back: %j', (answer) => {
  const sent = JSON.parse(JSON.stringify(answer).replaceAll('"name":"a.b"', '"name":"a_b"'));
  expect(fittedNames(chat)?.turnBack(sent)).toEqual(answer);
});

test('an answer without a call is the very same object', () => {
  const answer = { choices: [{ message: { role: 'assistant', name: 'a_b', content: 'a_b' } }] };
  expect(fittedNames(chat)?.turnBack(answer)).toBe(answer);
});

test("names of a hosted server's tools are its own", () => {
  const hosted = { type: 'mcp', server_label: 'x.y', allowed_tools: ['c.d'], name: 'c.d' };
  const list = { type: 'mcp_call', name: 'c.d', server_label: 'x.y' };
  const changes = fittedNames({
    tools: [{ type: 'function', name: 'a.b' }, hosted],
    input: [list, { type: 'function_call', call_id: '1', name: 'a.b', arguments: '{}' }],
  })?.changes;
  expect(changes).toEqual({
    tools: [{ type: 'function', name: 'a_b' }, hosted],
    input: [list, { type: 'function_call', call_id: '1', name: 'a_b', arguments: '{}' }],
  });
});
