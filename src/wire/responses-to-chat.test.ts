import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { responsesToMessages } from './responses-to-chat.ts';

const messagesOf = (input: Parameters<typeof responsesToMessages>[0][string]) =>
  responsesToMessages({ input }).messages;

describe('messages', () => {
  test('a string is a user message', () => {
    expect(messagesOf('Hi')).toEqual([{ role: 'user', content: 'Hi' }]);
  });

  test('instructions come first, as a system message', () => {
    expect(responsesToMessages({ instructions: 'Short.', input: 'Hi' }).messages).toEqual([
      { role: 'system', content: 'Short.' },
      { role: 'user', content: 'Hi' },
    ]);
  });

  test('a message may leave out its type, and one text part becomes a string', () => {
    expect(
      messagesOf([
        { role: 'developer', content: 'Rules.' },
        { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Yes?' }] },
      ]),
    ).toEqual([
      { role: 'developer', content: 'Rules.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Yes?' },
    ]);
  });

  test('images and files become chat’s parts', () => {
    const image = { type: 'input_image', image_url: 'data:image/png;base64,AA==', detail: 'low' };
    const file = { type: 'input_file', filename: 'a.pdf', file_data: 'data:…' };
    const text = { type: 'input_text', text: 'See' };
    expect(messagesOf([{ role: 'user', content: [text, image, file] }])).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'See' },
          { type: 'image_url', image_url: { url: image.image_url, detail: 'low' } },
          { type: 'file', file: { filename: 'a.pdf', file_data: 'data:…' } },
        ],
      },
    ]);
  });

  test('a refusal of the assistant stays a refusal', () => {
    const content = [{ type: 'refusal', refusal: 'No.' }];
    expect(messagesOf([{ type: 'message', role: 'assistant', content }])).toEqual([
      { role: 'assistant', content: '', refusal: 'No.' },
    ]);
  });
});

describe('calls', () => {
  const call = (id: string) =>
    ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' }) as const;
  const output = (id: string) =>
    ({ type: 'function_call_output', call_id: id, output: `out ${id}` }) as const;
  const wire = (id: string) =>
    ({ id, type: 'function', function: { name: 'f', arguments: '{}' } }) as const;

  test('the text and calls of one turn are one message, answered by tool messages', () => {
    const said = { role: 'assistant', content: 'Looking.' };
    expect(messagesOf([said, call('a'), call('b'), output('a'), output('b'), call('c')])).toEqual([
      { role: 'assistant', content: 'Looking.', tool_calls: [wire('a'), wire('b')] },
      { role: 'tool', tool_call_id: 'a', content: 'out a' },
      { role: 'tool', tool_call_id: 'b', content: 'out b' },
      { role: 'assistant', content: null, tool_calls: [wire('c')] },
    ]);
  });

  test('reasoning between calls does not split their turn', () => {
    const thought = { type: 'reasoning', id: 'rs_1', summary: [] };
    const { messages, lost } = responsesToMessages({
      input: [thought, call('a'), thought, call('b')],
    });
    expect(messages).toEqual([
      { role: 'assistant', content: null, tool_calls: [wire('a'), wire('b')] },
    ]);
    expect(lost).toEqual([]);
  });

  test('what is said between calls and their outputs comes behind these', () => {
    const said = { role: 'user', content: 'wait' };
    const input = [
      call('a'),
      call('b'),
      said,
      output('b'),
      { role: 'user', content: 'go' },
      output('a'),
    ];
    const { messages } = responsesToMessages({ input });
    expect(messages.map(({ role, content, tool_call_id: id }) => id ?? content ?? role)).toEqual([
      'assistant',
      'b',
      'a',
      'wait',
      'go',
    ]);
  });

  test('an output in text parts becomes its text', () => {
    const parts = [
      { type: 'input_text', text: 'a' },
      { type: 'input_text', text: 'b' },
    ];
    expect(messagesOf([{ type: 'function_call_output', call_id: 'x', output: parts }])).toEqual([
      { role: 'tool', tool_call_id: 'x', content: 'ab' },
    ]);
  });
});

describe('items that chat cannot carry', () => {
  test.each([
    [{ type: 'item_reference', id: 'msg_1' }, 'item_reference'],
    [{ id: 'msg_1' }, 'item_reference'],
    [{ type: 'web_search_call', id: 'ws_1' }, 'web_search_call'],
    [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }, 'input_image by file_id'],
    [{ role: 'user', content: [{ type: 'input_file', file_url: 'u' }] }, 'input_file by file_url'],
    [
      {
        type: 'function_call_output',
        call_id: 'x',
        output: [{ type: 'input_image', image_url: 'u' }],
      },
      'function_call_output with media',
    ],
  ])('%j is listed as lost', (item, kind) => {
    expect(responsesToMessages({ input: [item] }).lost).toEqual([kind]);
  });
});

test('any body gives messages with a role and never throws', () => {
  const item = fc.dictionary(
    fc.constantFrom('type', 'role', 'content', 'output', 'id', 'call_id', 'name', 'arguments'),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('message', 'function_call', 'function_call_output', 'user', 'assistant'),
    ),
  );
  const bodies = fc.record({
    input: fc.oneof(fc.jsonValue(), fc.array(item)),
    instructions: fc.jsonValue(),
  });
  fc.assert(
    fc.property(bodies, (body) => {
      for (const message of responsesToMessages(body).messages) {
        expect(['system', 'developer', 'user', 'assistant', 'tool']).toContain(message['role']);
      }
    }),
  );
});

test.each(['constructor', 'valueOf', 'toString', '__proto__'])(
  'an item or a role called %s is one that is not known',
  (name) => {
    const input = [{ type: name }, { role: name, content: 'hi' }];
    expect(responsesToMessages({ input })).toEqual({
      messages: [{ role: 'user', content: 'hi' }],
      lost: [name],
    });
  },
);
