import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conforms } from '../../test/support/openai-schemas.ts';
import { UpstreamError } from '../core/errors.ts';
import type { JsonObject } from '../lib/json.ts';
import { toChatBody } from './to-chat-request.ts';

const ASKED = [{ role: 'user', content: 'Hi' }];
const FUNCTION = { type: 'function', name: 'f', parameters: { type: 'object' }, strict: true };

function asked(body: JsonObject): JsonObject {
  const chat = toChatBody({ model: 'm', ...body }, ASKED);
  expect(conforms('chat request', chat)).toEqual([]);
  return chat;
}

test('limits, sampling and metadata are translated to chat’s names', () => {
  const chat = asked({
    max_output_tokens: 50,
    temperature: 0,
    top_p: 0.5,
    metadata: { a: 'b' },
    safety_identifier: 's',
    reasoning: { effort: 'low', summary: 'auto' },
    text: { verbosity: 'low' },
  });
  expect(chat).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'Hi' }],
    max_completion_tokens: 50,
    temperature: 0,
    top_p: 0.5,
    metadata: { a: 'b' },
    safety_identifier: 's',
    reasoning_effort: 'low',
    verbosity: 'low',
  });
});

test('unknown members are passed on, those only of /responses are not', () => {
  const chat = toChatBody(
    {
      model: 'm',
      top_k: 3,
      include: [],
      truncation: 'auto',
      store: false,
      tools: [],
      client_metadata: { a: 'b' },
    },
    ASKED,
  );
  expect(chat).toEqual({ model: 'm', top_k: 3, messages: [{ role: 'user', content: 'Hi' }] });
});

test('a stream asks for its usage', () => {
  expect(asked({ stream: true, stream_options: { include_obfuscation: false } })).toMatchObject({
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('instructions are the first message', () => {
  expect(asked({ instructions: 'Be short.' })['messages']).toEqual([
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'Hi' },
  ]);
});

describe('tools', () => {
  test('a function keeps its schema and its strictness', () => {
    const chat = asked({ tools: [{ ...FUNCTION, strict: false }], parallel_tool_calls: false });
    expect(chat).toMatchObject({
      tools: [
        {
          type: 'function',
          function: { name: 'f', parameters: { type: 'object' }, strict: false },
        },
      ],
      parallel_tool_calls: false,
    });
  });

  test.each(['auto', 'none', 'required'])('tool_choice %s stays', (choice) => {
    expect(asked({ tools: [FUNCTION], tool_choice: choice })['tool_choice']).toBe(choice);
  });

  test('a named function is named as in chat', () => {
    const chat = asked({ tools: [FUNCTION], tool_choice: { type: 'function', name: 'f' } });
    expect(chat['tool_choice']).toEqual({ type: 'function', function: { name: 'f' } });
  });

  test('allowed_tools leaves only those tools', () => {
    const choice = {
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'g' }],
    };
    const chat = asked({ tools: [FUNCTION, { ...FUNCTION, name: 'g' }], tool_choice: choice });
    expect(chat).toMatchObject({ tools: [{ function: { name: 'g' } }], tool_choice: 'required' });
  });

  test('a choice without tools is left out, as chat servers refuse it', () => {
    expect(asked({ tools: [], tool_choice: 'auto', parallel_tool_calls: true })).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
    });
  });
});

describe('formats', () => {
  test('a JSON schema moves under json_schema', () => {
    const format = { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true };
    expect(asked({ text: { format } })['response_format']).toEqual({
      type: 'json_schema',
      json_schema: { name: 'n', schema: { type: 'object' }, strict: true },
    });
  });

  test('a format that chat does not have is for another upstream', () => {
    expect(() => asked({ text: { format: { type: 'grammar' } } })).toThrow(
      expect.objectContaining({ attemptCause: 'not_capable' }),
    );
  });

  test.each([
    ['tools[1].name', { tools: [FUNCTION, { type: 'function', function: { name: 'f' } }] }, true],
    ['tools[0].name', { tools: [{ type: 'function' }] }, false],
    ['text.format.schema', { text: { format: { type: 'json_schema', name: 'n' } } }, false],
    [
      'text.format.schema',
      { text: { format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } } } },
      true,
    ],
  ])('%s is missing in %j', (param, body, isOfChat) => {
    const missing = `Missing required parameter: '${param}'.`;
    expect(() => asked(body)).toThrow(
      expect.objectContaining({
        attemptCause: 'rejected',
        message: isOfChat ? expect.stringContaining(`${missing} Here`) : missing,
        wire: expect.objectContaining({ param, code: 'missing_required_parameter' }),
      }),
    );
  });

  test('json_object stays, text is omitted', () => {
    const formatOf = (type: string): unknown =>
      asked({ text: { format: { type } } })['response_format'];
    expect(formatOf('json_object')).toEqual({ type: 'json_object' });
    expect(formatOf('text')).toBeUndefined();
  });
});

test('log probabilities are asked for only if included', () => {
  const include = ['message.output_text.logprobs'];
  expect(asked({ include, top_logprobs: 2 })).toMatchObject({ logprobs: true, top_logprobs: 2 });
  expect(asked({ top_logprobs: 2 })).not.toHaveProperty('top_logprobs');
});

test('null is the same as absent for every member that is read', () => {
  const nulls = Object.fromEntries(
    [
      'tools',
      'tool_choice',
      'text',
      'reasoning',
      'include',
      'max_output_tokens',
      'prompt',
      'conversation',
      'background',
      'instructions',
      'parallel_tool_calls',
      'stream_options',
    ].map((member) => [member, null]),
  );
  expect(asked(nulls)).toEqual(asked({}));
});

test('any body is translated or refused as not capable', () => {
  const members = [
    'tools',
    'tool_choice',
    'text',
    'reasoning',
    'include',
    'top_logprobs',
    'prompt',
    'max_output_tokens',
    'instructions',
    'stream',
    'conversation',
    'parallel_tool_calls',
  ];
  const bodies = fc.dictionary(fc.constantFrom(...members), fc.jsonValue());
  fc.assert(
    fc.property(bodies, (body) => {
      try {
        expect(toChatBody(body, ASKED)['messages']).toBeDefined();
      } catch (error) {
        expect(error).toBeInstanceOf(UpstreamError);
        expect(error).toMatchObject({
          attemptCause: expect.stringMatching(/^(?:not_capable|rejected)$/),
        });
      }
    }),
  );
});
