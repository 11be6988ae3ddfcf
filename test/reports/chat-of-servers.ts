/** What servers that call themselves compatible were reported to answer a chat with, and what OpenAI's SDK has to make of it. */
import type { JsonObject } from '../../src/lib/json.ts';

type Chunk = JsonObject;

const chunk = (delta: JsonObject | null, finish: string | null = null, more: JsonObject = {}) => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 7,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...more,
});
const call = (piece: JsonObject, called: JsonObject): Chunk =>
  chunk({ tool_calls: [{ ...piece, function: called }] });
const role = chunk({ role: 'assistant', content: null });
const first = { index: 0, id: 'a', type: 'function' };
const ended = chunk({}, 'tool_calls');
const said = chunk({ role: 'assistant', content: 'Hello' });
const stop = chunk({}, 'stop');

/** Streams of calls: what the server is reported to do, its chunks, and the name and arguments of each call. */
export const CALLS: readonly (readonly [string, readonly Chunk[], readonly string[]])[] = [
  [
    'numbered from 1',
    [
      role,
      call({ ...first, index: 1 }, { name: 'f', arguments: '' }),
      call({ index: 1 }, { arguments: '{"x":1}' }),
      call({ ...first, index: 2, id: 'b' }, { name: 'g', arguments: '{}' }),
      ended,
    ],
    ['f {"x":1}', 'g {}'],
  ],
  [
    'behind a text that has the number 0',
    [said, call({ ...first, index: 3 }, { name: 'f', arguments: '{}' }), ended],
    ['f {}'],
  ],
  ['without a role', [call(first, { name: 'f', arguments: '{}' }), ended], ['f {}']],
  [
    'with an id of blanks in later pieces',
    [
      role,
      call(first, { name: 'f', arguments: '{"p"' }),
      call({ ...first, id: ' ' }, { name: '', arguments: ':1}' }),
      ended,
    ],
    ['f {"p":1}'],
  ],
  [
    'with its id in every piece',
    [role, call(first, { name: 'f', arguments: '{"p"' }), call(first, { arguments: ':1}' }), ended],
    ['f {"p":1}'],
  ],
  [
    'without a type',
    [role, call({ index: 0, id: 'a' }, { name: 'f', arguments: '{}' }), ended],
    ['f {}'],
  ],
  [
    'with null for arguments',
    [
      role,
      call(first, { name: 'f', arguments: null }),
      call({ index: 0 }, { arguments: '{}' }),
      ended,
    ],
    ['f {}'],
  ],
  ['without arguments', [role, call(first, { name: 'f' }), ended], ['f {}']],
  ['with empty arguments', [role, call(first, { name: 'f', arguments: '' }), ended], ['f {}']],
  [
    'with empty arguments in the event that ends it',
    [
      role,
      chunk({ tool_calls: [{ ...first, function: { name: 'f', arguments: '' } }] }, 'tool_calls'),
    ],
    ['f {}'],
  ],
  [
    'in two pieces of one event',
    [
      chunk({
        role: 'assistant',
        tool_calls: [
          { ...first, function: { name: 'f', arguments: '{"p"' } },
          { index: 0, function: { arguments: ':1}' } },
        ],
      }),
      ended,
    ],
    ['f {"p":1}'],
  ],
  ['that ends with `stop`', [role, call(first, { name: 'f', arguments: '{}' }), stop], ['f {}']],
];

const both = (more: JsonObject): readonly Chunk[] => [
  { ...said, ...more },
  { ...stop, ...more },
];

/** Streams of a text, all of which say Hello. */
export const TEXTS: readonly (readonly [string, readonly Chunk[]])[] = [
  ['without a role', [chunk({ content: 'Hel' }), chunk({ content: 'lo' }), stop]],
  [
    'with the role in every piece',
    [
      chunk({ role: 'assistant', content: 'H' }),
      chunk({ role: 'assistant', content: 'el' }),
      chunk({ role: 'assistant', content: 'lo' }),
      chunk({ role: 'assistant' }, 'stop'),
    ],
  ],
  [
    'with an empty list of calls in each piece',
    [
      chunk({ role: 'assistant', content: 'Hel', tool_calls: [] }),
      chunk({ content: 'lo', tool_calls: [] }),
      chunk({ tool_calls: [] }, 'stop'),
    ],
  ],
  ['with null for a delta', [chunk(null), said, chunk(null), stop]],
  [
    'without a delta at its end',
    [said, chunk({}, null, { choices: [{ index: 0, finish_reason: 'stop' }] })],
  ],
  ['that says `tool_calls` of a text', [said, ended]],
  ['whose time has a fraction', both({ created: 7.25 })],
  ['whose time is a text', both({ created: '7' })],
  ['without a model', both({ model: null })],
  ['without a name of its kind', [said, stop].map(({ object: _object, ...one }) => one)],
];

const whole = (message: JsonObject, finish = 'stop', more: JsonObject = {}): JsonObject => ({
  id: 'c',
  object: 'chat.completion',
  created: 7,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  ...more,
});
const called = (args: JsonObject, finish = 'tool_calls') =>
  whole(
    {
      content: null,
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', ...args } }],
    },
    finish,
  );

/** Whole answers as bytes, with what they say, or the call that they are. */
export const WHOLE: readonly (readonly [string, string, string])[] = [
  ['a call with empty arguments', JSON.stringify(called({ arguments: '' })), 'f {}'],
  ['a call with null for arguments', JSON.stringify(called({ arguments: null })), 'f {}'],
  ['a call that ends with `stop`', JSON.stringify(called({ arguments: '{}' }, 'stop')), 'f {}'],
  [
    'a text that ends with `tool_calls`',
    JSON.stringify(whole({ content: 'Hello' }, 'tool_calls')),
    'Hello',
  ],
  ['an empty list of calls', JSON.stringify(whole({ content: 'Hello', tool_calls: [] })), 'Hello'],
  [
    'a choice without a message',
    JSON.stringify(whole({}, 'stop', { choices: [{ text: 'Hello' }] })),
    'Hello',
  ],
  [
    'a choice that says nothing',
    JSON.stringify(whole({}, 'stop', { choices: [{ index: 0, finish_reason: 'stop' }] })),
    '',
  ],
  [
    'a choice without number and role',
    JSON.stringify(whole({}, 'stop', { choices: [{ message: { content: 'Hello' } }] })),
    'Hello',
  ],
  [
    'a time with a fraction, and no id and model',
    JSON.stringify(whole({ content: 'Hello' }, 'stop', { created: 7.25, id: null, model: '' })),
    'Hello',
  ],
  ['a byte-order mark', `\uFEFF${JSON.stringify(whole({ content: 'Hello' }))}`, 'Hello'],
  [
    'numbers as Python writes them',
    JSON.stringify(whole({ content: 'Hello' })).replace(
      '"finish_reason"',
      '"logprobs":{"content":[{"token":"-Infinity","logprob":-Infinity,"bytes":null,"top_logprobs":[{"token":"NaN","logprob":NaN,"bytes":null}]}]},"finish_reason"',
    ),
    'Hello',
  ],
];
