import { expect, test } from 'vitest';
import { call as callWith } from '../../test/support/call.ts';
import { iterated } from '../../test/support/event-streams.ts';
import { chunk, completion, scriptedChat, type Script } from '../../test/support/scripted-chat.ts';
import type { Capability } from '../core/signal.ts';
import { objectsIn, type JsonObject } from '../lib/json.ts';
import { customToolsByFunctions } from '../upstreams/custom-tools.ts';

const F = { name: 'f', parameters: { type: 'object', properties: {} } };
const user = { role: 'user', content: 'Hi' };

async function asking(script: Script, more: JsonObject, capabilities?: readonly Capability[]) {
  const inner = scriptedChat(script, capabilities);
  const body = { model: 'm', messages: [user], functions: [F], ...more };
  const call = callWith({ body });
  const upstream = customToolsByFunctions(inner);
  const answer = await upstream.send({ call, model: 'm' }, new AbortController().signal);
  const [asked] = inner.asked;
  if (asked === undefined) throw new Error('nothing was sent');
  const payload: unknown = JSON.parse(asked.call.payload.toString());
  expect(payload).toEqual(JSON.parse(JSON.stringify(asked.call.body)));
  return { answer, sent: payload };
}

const HELLO = { whole: completion({ content: 'Hello' }) };
const called = { type: 'function', function: { name: 'f', arguments: '{"x":1}' } };

test('functions, a choice and earlier calls are sent as tools', async () => {
  const { sent } = await asking(HELLO, {
    function_call: { name: 'f' },
    messages: [
      user,
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } },
      { role: 'function', name: 'f', content: 'done' },
    ],
  });
  expect(sent).toEqual({
    model: 'm',
    tools: [{ type: 'function', function: F }],
    tool_choice: { type: 'function', function: { name: 'f' } },
    messages: [
      user,
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'done' },
    ],
  });
});

test('the call of a whole answer is given as one of a function', async () => {
  const whole = completion({ content: null, tool_calls: [{ id: 'a', ...called }] }, 'tool_calls');
  const { answer } = await asking({ whole }, {});
  if (answer.kind !== 'whole') throw new Error(answer.kind);
  expect(JSON.parse(Buffer.from(answer.bytes).toString())).toEqual(answer.body);
  expect(answer.body['choices']).toMatchObject([
    {
      message: { content: null, function_call: { name: 'f', arguments: '{"x":1}' } },
      finish_reason: 'function_call',
    },
  ]);
  expect(JSON.stringify(answer.body)).not.toContain('tool_call');
});

test('and so are its pieces in a stream, of the first call', async () => {
  const piece = (index: number, more: JsonObject) => chunk({ tool_calls: [{ index, ...more }] });
  const chunks = [
    chunk({ role: 'assistant', content: null }),
    piece(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
    piece(0, { function: { arguments: '{"x":1}' } }),
    piece(1, { id: 'b', ...called }),
    chunk({}, 'tool_calls'),
  ];
  const { answer } = await asking({ chunks }, { stream: true });
  if (answer.kind !== 'stream') throw new Error(answer.kind);
  const events = iterated(answer.events);
  const choices: JsonObject[] = [];
  for (let step = await events.next(); step.done !== true; step = await events.next())
    choices.push(...objectsIn(step.value.data?.['choices']));
  expect(choices.map(({ delta }) => delta)).toEqual([
    { role: 'assistant', content: null },
    { function_call: { name: 'f', arguments: '' } },
    { function_call: { arguments: '{"x":1}' } },
    {},
    {},
  ]);
  expect(choices.at(-1)).toMatchObject({ finish_reason: 'function_call' });
});

test.each<[string, JsonObject, readonly Capability[]]>([
  ['where the server knows them', {}, ['chat', 'tools', 'custom_tools']],
  ['beside tools', { tools: [{ type: 'function', function: F }] }, ['chat', 'tools']],
])('functions are left as they came %s', async (_where, more, capabilities) => {
  const { sent } = await asking(HELLO, more, capabilities);
  expect(sent).toEqual({ model: 'm', messages: [user], functions: [F], ...more });
});
