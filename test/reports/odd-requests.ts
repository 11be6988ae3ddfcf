/** Requests as clients were reported to send them, and what a strict server has to be sent instead. */
import type { Json, JsonObject } from '../../src/lib/json.ts';

export interface OddRequest {
  readonly sent: JsonObject;
  /** Members of what arrives; those that must not arrive are undefined. */
  readonly arrives: Readonly<Record<string, Json | undefined>>;
}

const user = { role: 'user', content: 'hi' };
const next = { role: 'user', content: 'and now?' };
const tools = [
  { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } },
];
const called = (call: JsonObject, content: JsonObject = { content: null }) => ({
  tools,
  messages: [
    user,
    { role: 'assistant', ...content, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'a', content: 'done' },
  ],
});
const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } };
const spoken = (more: JsonObject) => ({
  messages: [user, { role: 'assistant', content: 'Hello', ...more }, next],
});
const said = spoken({});
const tool = (given: JsonObject) => ({
  messages: [user],
  tools: [{ type: 'function', function: { name: 'f', ...given } }],
});
const picture = (image: Json) => ({
  messages: [{ role: 'user', content: [{ type: 'image_url', image_url: image }] }],
});
const url = 'https://example.com/a.png';
const none = { tools: undefined, tool_choice: undefined, parallel_tool_calls: undefined };

const both = {
  role: 'assistant',
  content: null,
  tool_calls: [call, { ...call, id: 'b' }],
};
const results = ['a', 'b'].map((id) => ({ role: 'tool', tool_call_id: id, content: 'done' }));

/** Whatever server it goes to. */
const ANYWHERE: readonly (readonly [string, OddRequest])[] = [
  ['an empty list of tools', { sent: { messages: [user], tools: [] }, arrives: none }],
  [
    'an empty list of tools with a choice',
    {
      sent: { messages: [user], tools: [], tool_choice: 'auto', parallel_tool_calls: false },
      arrives: none,
    },
  ],
  ['a choice without tools', { sent: { messages: [user], tool_choice: 'none' }, arrives: none }],
  [
    'parallel calls without tools',
    { sent: { messages: [user], parallel_tool_calls: true }, arrives: none },
  ],
  [
    'an empty list of functions',
    {
      sent: { messages: [user], functions: [], function_call: 'auto' },
      arrives: { functions: undefined, function_call: undefined },
    },
  ],
  [
    'something between two results of one turn',
    {
      sent: { messages: [user, both, results[0] ?? {}, next, results[1] ?? {}], tools },
      arrives: { messages: [user, both, ...results, next] },
    },
  ],
  [
    'a call that was interrupted, which has no result',
    {
      sent: { messages: [user, both, results[0] ?? {}, next], tools },
      arrives: {
        messages: [
          user,
          both,
          results[0] ?? {},
          {
            role: 'tool',
            tool_call_id: 'b',
            content: 'The call was interrupted: it has no result.',
          },
          next,
        ],
      },
    },
  ],
  ['an empty list of calls', { sent: spoken({ tool_calls: [] }), arrives: said }],
  ['null for calls', { sent: spoken({ tool_calls: null }), arrives: said }],
  [
    'an empty list of calls, and nothing said',
    { sent: spoken({ content: null, tool_calls: [] }), arrives: spoken({ content: '' }) },
  ],
  ['nothing said at all', { sent: spoken({ content: null }), arrives: spoken({ content: '' }) }],
  [
    'a refusal in place of a text',
    {
      sent: spoken({ content: null, refusal: 'No.' }),
      arrives: spoken({ content: null, refusal: 'No.' }),
    },
  ],
  ['a call without a content beside it', { sent: called(call, {}), arrives: called(call) }],
  [
    'a call with its number in a stream',
    { sent: called({ index: 0, ...call }), arrives: called(call) },
  ],
  [
    'a call without a type',
    { sent: called({ id: 'a', function: { name: 'f', arguments: '{}' } }), arrives: called(call) },
  ],
  [
    'arguments as an object',
    {
      sent: called({ ...call, function: { name: 'f', arguments: { x: 1 } } }),
      arrives: called({ ...call, function: { name: 'f', arguments: '{"x":1}' } }),
    },
  ],
  [
    'no arguments',
    { sent: called({ ...call, function: { name: 'f', arguments: '' } }), arrives: called(call) },
  ],
  [
    'a schema without members',
    {
      sent: tool({ parameters: { type: 'object' } }),
      arrives: tool({ parameters: { type: 'object', properties: {} } }),
    },
  ],
  [
    'a schema that says nothing',
    {
      sent: tool({ parameters: {} }),
      arrives: tool({ parameters: { type: 'object', properties: {} } }),
    },
  ],
  ['null for a schema', { sent: tool({ parameters: null }), arrives: tool({}) }],
  [
    'a schema of alternatives',
    {
      sent: tool({ parameters: { anyOf: [{ type: 'object' }] } }),
      arrives: tool({ parameters: { anyOf: [{ type: 'object' }] } }),
    },
  ],
];

/** To a cloud, as pictures are. */
export const TO_A_CLOUD: readonly (readonly [string, OddRequest])[] = [
  ...ANYWHERE,
  ['a picture by its address alone', { sent: picture(url), arrives: picture({ url }) }],
  ['null for a detail', { sent: picture({ url, detail: null }), arrives: picture({ url }) }],
];

/** To a cloud whose model the caller did not name. */
export const CHOSEN: readonly (readonly [string, OddRequest])[] = [
  [
    "Gemini's signature of a call",
    {
      sent: called({ ...call, extra_content: { google: { thought_signature: 'x' } } }),
      arrives: called(call),
    },
  ],
  [
    'what answers carry, as members of a message',
    {
      sent: spoken({
        refusal: null,
        annotations: [],
        provider_specific_fields: {},
        stop_reason: null,
        id: 'msg_1',
        status: 'completed',
        metadata: { title: 'x' },
        timestamp: 1,
      }),
      arrives: said,
    },
  ],
  [
    'a name of more than 64 characters',
    {
      sent: { messages: [user], user: 'u'.repeat(65), prompt_cache_key: 'k'.repeat(64) },
      arrives: {
        user: 'f20e249d15fa4b9f44ba21d154f62e1efa76ddfdce5d25139a33a4787cee5a8b',
        prompt_cache_key: 'k'.repeat(64),
      },
    },
  ],
  [
    "members of other gateways' APIs",
    {
      sent: {
        messages: [user],
        provider: { order: ['x'] },
        transforms: [],
        usage: { include: true },
        drop_params: true,
        mock_response: 'x',
        fallbacks: [],
        enable_thinking: false,
        thinking: { type: 'disabled' },
        structured_outputs: {},
        seed: 1,
      },
      arrives: {
        provider: undefined,
        transforms: undefined,
        usage: undefined,
        drop_params: undefined,
        mock_response: undefined,
        fallbacks: undefined,
        enable_thinking: undefined,
        thinking: undefined,
        structured_outputs: undefined,
        seed: 1,
      },
    },
  ],
];

/** To a server here, whose template parses them. */
export const HERE: readonly (readonly [string, OddRequest])[] = [
  ...ANYWHERE,
  ...(
    [
      ['that were cut', '{"path": "a'],
      ['with an escape that is none', '{"path": "a\\\\"b"}'],
      ['that are a list', '["a"]'],
    ] as const
  ).map(([what, text]): readonly [string, OddRequest] => [
    `arguments ${what}`,
    {
      sent: called({ ...call, function: { name: 'f', arguments: text } }),
      arrives: called({
        ...call,
        function: { name: 'f', arguments: JSON.stringify({ invalid: text }) },
      }),
    },
  ]),
  [
    'the result of a tool in parts of text',
    {
      sent: {
        tools,
        messages: [
          user,
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'done' }] },
        ],
      },
      arrives: called(call),
    },
  ],
];
