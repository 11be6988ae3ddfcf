import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../lib/json.ts';
import { messagesToChat } from './messages-to-chat.ts';

const user = (content: Json): JsonObject => ({ role: 'user', content });
const text = (said: string): JsonObject => ({ type: 'text', text: said });
const chatOf = (body: JsonObject): JsonObject => messagesToChat(body).body;
const messagesOf = (...messages: JsonObject[]) => chatOf({ messages })['messages'];

test("Claude Code's line for Anthropic's books, another in each request, is left out", () => {
  const line = 'x-anthropic-billing-header: cc_version=2.1.177; cc_entrypoint=cli; cch=36ee5;';
  const expected = [{ role: 'system', content: 'You are brief.' }];
  const messages: JsonObject[] = [];
  const blocks = [text(line), text('You are brief.')];
  expect(chatOf({ system: blocks, messages })['messages']).toEqual(expected);
  expect(chatOf({ system: `${line}\nYou are brief.`, messages })['messages']).toEqual(expected);
  expect(chatOf({ system: line, messages })['messages']).toEqual([]);
});

test('the system prompt comes first; one block of text becomes a string', () => {
  expect(chatOf({ system: [text('A.'), text('B.')], messages: [user([text('Hi')])] })).toEqual({
    messages: [
      { role: 'system', content: 'A.\n\nB.' },
      { role: 'user', content: 'Hi' },
    ],
  });
});

test('results stand behind their calls, their pictures and what the user says behind them', () => {
  const picture = { type: 'image', source: { type: 'url', url: 'https://example.org/b.png' } };
  expect(
    messagesOf(
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 's' },
          text('I look.'),
          { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } },
          { type: 'tool_use', id: 'b', name: 'g', input: {} },
        ],
      },
      user([
        text('And?'),
        { type: 'tool_result', tool_use_id: 'a', content: [text('one'), picture] },
        { type: 'tool_result', tool_use_id: 'b', is_error: true },
      ]),
    ),
  ).toEqual([
    {
      role: 'assistant',
      content: 'I look.',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'a', content: 'one' },
    { role: 'tool', tool_call_id: 'b', content: 'The tool failed.' },
    {
      role: 'user',
      content: [
        { type: 'image_url', image_url: { url: 'https://example.org/b.png' } },
        { type: 'text', text: 'And?' },
      ],
    },
  ]);
});

test('documents: text is text, a file is a file', () => {
  const source = { type: 'base64', media_type: 'application/pdf', data: 'AA==' };
  expect(
    messagesOf(
      user([
        { type: 'document', title: 'a.pdf', source },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Words.' } },
      ]),
    ),
  ).toEqual([
    user([
      text('a.pdf'),
      { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA==' } },
      text('Words.'),
    ]),
  ]);
});

test.each([
  [{ type: 'auto' }, { tool_choice: 'auto' }],
  [{ type: 'any' }, { tool_choice: 'required' }],
  [{ type: 'none' }, { tool_choice: 'none' }],
  [{ type: 'tool', name: 'f' }, { tool_choice: { type: 'function', function: { name: 'f' } } }],
  [
    { type: 'auto', disable_parallel_tool_use: true },
    { tool_choice: 'auto', parallel_tool_calls: false },
  ],
])('tool_choice %j is %j', (choice, chat) => {
  const tools = [{ name: 'f', description: 'F.', input_schema: { type: 'object' } }];
  const definition = { name: 'f', description: 'F.', parameters: { type: 'object' } };
  expect(chatOf({ messages: [], tools, tool_choice: choice })).toEqual({
    messages: [],
    tools: [{ type: 'function', function: definition }],
    ...chat,
  });
  expect(chatOf({ messages: [], tool_choice: choice })).toEqual({ messages: [] });
});

test('what a search for tools found is named: chat offers the tools whose loading is deferred', () => {
  const found = [{ type: 'tool_reference', tool_name: 'g' }];
  const { body, lost } = messagesToChat({
    messages: [user([{ type: 'tool_result', tool_use_id: 'a', content: found }])],
    tools: [{ name: 'g', defer_loading: true, input_schema: { type: 'object' } }],
  });
  expect(body).toEqual({
    messages: [{ role: 'tool', tool_call_id: 'a', content: 'Tool found: g' }],
    tools: [{ type: 'function', function: { name: 'g', parameters: { type: 'object' } } }],
  });
  expect(lost).toEqual([]);
});

describe('what chat cannot carry is named', () => {
  test.each([
    ['server_tool_use', { messages: [user([{ type: 'server_tool_use' }])] }],
    ['image by file', { messages: [user([{ type: 'image', source: { type: 'file' } }])] }],
    ['document by url', { messages: [user([{ type: 'document', source: { type: 'url' } }])] }],
    ['tool web_search_20250305', { messages: [], tools: [{ type: 'web_search_20250305' }] }],
    ['mcp_servers', { messages: [], mcp_servers: [{ name: 'm' }] }],
  ])('%s', (kind, body) => {
    expect(messagesToChat(body).lost).toEqual([kind]);
  });
});

/** A text that stands nowhere else, so that it is found again. */
const word = fc.stringMatching(/^[a-z]{6}[0-9]{6}$/);
const block = fc.oneof(
  word.map((said) => text(said)),
  word.map((said) => ({ type: 'document', source: { type: 'text', data: said } })),
  word.map((said) => ({ type: 'search_result', source: 's', title: 't', content: [text(said)] })),
);
const said = fc.oneof(word, fc.array(block, { maxLength: 3 }));
const turns = fc.array(
  fc.oneof(
    said.map(user),
    said.map((content) => ({ role: 'assistant', content })),
    fc.record({ input: fc.dictionary(word, word), name: word }).map((call) => ({
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'c', ...call }],
    })),
    fc
      .tuple(said, said)
      .map(([content, more]) =>
        user([
          { type: 'tool_result', tool_use_id: 'c', content },
          ...(typeof more === 'string' ? [text(more)] : more),
        ]),
      ),
  ),
);
const tools = fc.array(
  fc.record({ name: word, description: word, input_schema: fc.record({ title: word }) }),
);

test('no text of a request is lost on the way', () => {
  fc.assert(
    fc.property(fc.record({ system: said, messages: turns, tools }), (body) => {
      const written = JSON.stringify(chatOf(body));
      for (const [found] of JSON.stringify(body).matchAll(/[a-z]{6}[0-9]{6}/g)) {
        expect(written).toContain(found);
      }
    }),
  );
});

test('whatever a body holds, it gives messages with a role and never throws', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.array(
      fc.dictionary(
        fc.constantFrom('type', 'role', 'content', 'text', 'source', 'input', 'id', 'name'),
        fc.oneof(fc.jsonValue(), fc.constantFrom('text', 'image', 'tool_use', 'tool_result')),
      ),
    ),
  );
  const bodies = fc.record({
    system: anything,
    messages: anything,
    tools: anything,
    tool_choice: anything,
    output_config: anything,
  });
  fc.assert(
    fc.property(bodies, (body) => {
      const { messages } = chatOf(body);
      for (const { role } of messages as readonly JsonObject[]) {
        expect(['system', 'user', 'assistant', 'tool']).toContain(role);
      }
    }),
  );
});
