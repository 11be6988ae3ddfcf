import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { call as callWith } from '../../test/support/call.ts';
import { iterated } from '../../test/support/event-streams.ts';
import { chunk, completion, scriptedChat, type Script } from '../../test/support/scripted-chat.ts';
import type { Answer } from '../core/upstream.ts';
import { isObject, objectsIn, textIn, type JsonObject } from '../lib/json.ts';
import { customToolsByFunctions } from '../upstreams/custom-tools.ts';
import { wholeBuilder } from './stream-to-whole.ts';

const RUN = { type: 'custom', custom: { name: 'run', description: 'Runs a command.' } };
const WORD = {
  type: 'custom',
  custom: {
    name: 'word',
    format: { type: 'grammar', grammar: { syntax: 'regex', definition: '[a-z]+[0-9]*' } },
  },
};
const LOOK = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } };
const callOf = (body: JsonObject) => callWith({ body });

const ASKED = { model: 'm', messages: [{ role: 'user', content: 'Hi' }] };

function asking(script: Script, body: JsonObject) {
  const inner = scriptedChat(script);
  const call = callOf({ ...ASKED, tools: [RUN, WORD, LOOK], ...body });
  const sent = customToolsByFunctions(inner).send(
    { call, model: 'm' },
    new AbortController().signal,
  );
  return { inner, sent };
}

async function wholeOf(answer: Answer): Promise<JsonObject> {
  if (answer.kind === 'whole') {
    expect(JSON.parse(Buffer.from(answer.bytes).toString())).toEqual(answer.body);
    return answer.body;
  }
  if (answer.kind !== 'stream') throw new Error(answer.kind);
  const events = iterated(answer.events);
  const sum = wholeBuilder('chat');
  for (let step = await events.next(); step.done !== true; step = await events.next())
    if (step.value.data !== undefined) sum.add(step.value.data);
  return sum.whole();
}

const firstIn = (body: JsonObject): JsonObject => objectsIn(body['choices'])[0] ?? {};

const calledIn = (body: JsonObject): readonly JsonObject[] => {
  const { message } = firstIn(body);
  return objectsIn(isObject(message) ? message['tool_calls'] : undefined);
};

const calling = (name: string, args: string, id = 'c1'): JsonObject => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});

/** The same answer whole and in pieces of arguments as models write them. */
function scripts(calls: readonly JsonObject[], finish: string): readonly Script[] {
  const pieces = calls.flatMap((call, index) => {
    const called = isObject(call['function']) ? call['function'] : {};
    const { name } = called;
    const args = textIn(called['arguments']);
    const first = { ...call, index, function: { name, arguments: '' } };
    return [
      first,
      ...(args.match(/.{1,40}/gsu) ?? []).map((piece) => ({
        index,
        function: { arguments: piece },
      })),
    ];
  });
  return [
    { whole: completion({ content: null, tool_calls: [...calls] }, finish) },
    {
      chunks: [
        chunk({ role: 'assistant', content: null }),
        ...pieces.map((piece) => chunk({ tool_calls: [piece] })),
        chunk({}, finish),
      ],
    },
  ];
}

const both = [
  ['whole', 0],
  ['streamed', 1],
] as const;

describe.each(both)('%s', (_, at) => {
  const answered = async (calls: readonly JsonObject[], finish = 'tool_calls') =>
    wholeOf(await asking(scripts(calls, finish)[at]!, {}).sent);

  test('calls of functions that stand for custom tools are turned back, others stay', async () => {
    const body = await answered([
      calling('run', '{"input":"ls \\"a\\"\\n"}'),
      calling('look', '{"at":1}', 'c2'),
      calling('word', '"ok"', 'c3'),
    ]);
    expect(firstIn(body)['finish_reason']).toBe('tool_calls');
    expect(
      calledIn(body).toSorted((a, b) => textIn(a['id']).localeCompare(textIn(b['id']))),
    ).toEqual([
      { id: 'c1', type: 'custom', custom: { name: 'run', input: 'ls "a"\n' } },
      calling('look', '{"at":1}', 'c2'),
      { id: 'c3', type: 'custom', custom: { name: 'word', input: 'ok' } },
    ]);
  });

  test('any text comes back as it was put in', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (input) => {
        const body = await answered([calling('run', JSON.stringify({ input }))]);
        expect(calledIn(body)).toEqual([
          { id: 'c1', type: 'custom', custom: { name: 'run', input } },
        ]);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['{"input":"ls -', 'ls -'],
    ['{"input":"a\\u00', 'a'],
    ['{"inp', ''],
  ])('of the cut call %s came %s', async (args, input) => {
    const body = await answered([calling('word', args)], 'length');
    expect(calledIn(body)).toEqual([{ id: 'c1', type: 'custom', custom: { name: 'word', input } }]);
  });

  test.each([
    ['is no input', calling('run', '{"command":"ls"}'), 'which it was asked for'],
    ['is no JSON', calling('run', 'ls'), 'which it was asked for'],
    ['is not of the grammar', calling('word', '{"input":"Ok"}'), 'does not match the grammar'],
    [
      'is too long to be matched',
      calling('word', JSON.stringify({ input: 'a'.repeat(500_000) })),
      'too long to be checked',
    ],
  ])('what %s is a bad answer', async (_name, call, words) => {
    const failed = answered([call]);
    await expect(failed).rejects.toMatchObject({
      attemptCause: 'bad_answer',
      message: expect.stringContaining(words),
    });
  });
});

test('what is sent knows functions only, in its history too', async () => {
  const { inner, sent } = asking(
    { whole: completion({ content: 'Done.' }) },
    {
      tool_choice: { type: 'custom', custom: { name: 'run' } },
      messages: [
        {
          role: 'assistant',
          tool_calls: [{ id: 'c0', type: 'custom', custom: { name: 'run', input: 'ls' } }],
        },
        { role: 'tool', tool_call_id: 'c0', content: 'a' },
      ],
    },
  );
  expect((await wholeOf(await sent))['choices']).toMatchObject([{ message: { content: 'Done.' } }]);
  const { body, payload } = inner.asked[0]!.call;
  expect(JSON.parse(payload.toString())).toEqual(body);
  expect(body).toEqual({
    ...ASKED,
    tools: [
      functionOf('run', 'The whole input of the tool, as plain text.', 'Runs a command.'),
      functionOf(
        'word',
        'The whole input of the tool, as plain text. All of it must match the regular expression [a-z]+[0-9]*',
      ),
      LOOK,
    ],
    tool_choice: { type: 'function', function: { name: 'run' } },
    messages: [
      { role: 'assistant', tool_calls: [calling('run', '{"input":"ls"}', 'c0')] },
      { role: 'tool', tool_call_id: 'c0', content: 'a' },
    ],
  });
});

function functionOf(name: string, rule: string, description?: string): JsonObject {
  return {
    type: 'function',
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: {
        type: 'object',
        properties: { input: { type: 'string', description: rule } },
        required: ['input'],
        additionalProperties: false,
      },
    },
  };
}

test.each([
  ['required', [LOOK], { tools: [LOOK], tool_choice: 'required' }],
  ['auto', [{ type: 'custom', custom: { name: 'gone' } }], {}],
] as const)('of allowed tools (%s) the others are left out', async (mode, tools, expected) => {
  const { inner, sent } = asking(
    { whole: completion({ content: 'Done.' }) },
    { tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools: [...tools] } } },
  );
  await sent;
  const { payload } = inner.asked[0]!.call;
  expect(JSON.parse(payload.toString())).toEqual({ ...ASKED, ...expected });
});

test('a grammar that cannot be checked here goes to another upstream', async () => {
  const grammar = { syntax: 'lark', definition: 'start: A\n%declare A' };
  const tool = { type: 'custom', custom: { name: 'p', format: { type: 'grammar', grammar } } };
  const { inner, sent } = asking({ whole: completion({}) }, { tools: [tool] });
  await expect(sent).rejects.toMatchObject({ attemptCause: 'not_capable' });
  expect(inner.asked).toEqual([]);
});

test('an upstream that knows custom tools, or no tools, gets what came', async () => {
  for (const own of [['chat', 'tools', 'custom_tools'], ['chat']] as const) {
    const inner = scriptedChat({ whole: completion({ content: 'x' }) }, own);
    const upstream = customToolsByFunctions(inner);
    expect([...upstream.facts().capabilities]).toEqual([...own]);
  }
  const inner = scriptedChat({ whole: completion({ content: 'x' }) }, [
    'chat',
    'tools',
    'custom_tools',
  ]);
  const call = callOf({ ...ASKED, tools: [RUN] });
  await customToolsByFunctions(inner).send({ call, model: 'm' }, new AbortController().signal);
  expect(inner.asked[0]?.call).toBe(call);
});

test('one that knows functions gains custom tools', () => {
  const { capabilities } = customToolsByFunctions(scriptedChat({ whole: {} })).facts();
  expect([...capabilities]).toEqual(['chat', 'tools', 'custom_tools']);
});
