/** Answers are checked with OpenAI's own SDK, unmodified. */
import OpenAI, { APIError, BadRequestError } from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { responsesHarness } from '../../test/support/responses-harness.ts';
import { responsesServer } from '../../test/support/responses-server.ts';
import {
  chunk,
  completion,
  usageChunk,
  type Script,
  type ScriptedChat,
} from '../../test/support/scripted-chat.ts';
import { UpstreamError } from '../core/errors.ts';
import { type JsonObject, textIn } from '../lib/json.ts';

async function withClient(
  script: Script | ((asked: ScriptedChat['asked'][number]) => Script),
  use: (client: OpenAI, inner: ScriptedChat) => Promise<void>,
): Promise<void> {
  const { upstream, inner } = responsesHarness(script);
  await using server = await responsesServer(upstream);
  const client = new OpenAI({ baseURL: server.baseURL, apiKey: 'none', maxRetries: 0 });
  await use(client, inner);
}

const WEATHER = {
  type: 'function',
  name: 'weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
} as const;

test('create gives output_text and usage', () =>
  withClient({ whole: completion({ content: 'Grüße 🙂' }) }, async (client) => {
    const response = await client.responses.create({ model: 'auto', input: 'Hi' });
    expect(response.output_text).toBe('Grüße 🙂');
    expect(response.usage?.total_tokens).toBe(18);
  }));

test('the stream helper accumulates text that was cut at any byte', () =>
  withClient(
    {
      chunks: [
        chunk({ role: 'assistant', content: 'Grü' }),
        chunk({ content: 'ße 🙂' }),
        chunk({}, 'stop'),
        usageChunk,
      ],
    },
    async (client) => {
      const deltas: string[] = [];
      const stream = client.responses
        .stream({ model: 'auto', input: 'Hi' })
        .on('response.output_text.delta', (event) => deltas.push(event.delta));
      const final = await stream.finalResponse();
      expect(deltas).toEqual(['Grü', 'ße 🙂']);
      expect(final.output_text).toBe('Grüße 🙂');
      expect(final.status).toBe('completed');
      expect(final.usage?.output_tokens_details.reasoning_tokens).toBe(2);
    },
  ));

test('the stream helper accepts reasoning, text, a refusal and interleaved calls in one answer', () =>
  withClient(
    {
      chunks: [
        chunk({ reasoning: 'Let me ' }),
        chunk({ reasoning: 'see.' }),
        chunk({ content: 'Both.' }),
        chunk({ refusal: 'Not the third.' }),
        chunk({
          tool_calls: [
            { index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '' } },
          ],
        }),
        chunk({
          tool_calls: [
            {
              index: 1,
              id: 'b',
              type: 'function',
              function: { name: 'weather', arguments: '{"city":' },
            },
          ],
        }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":"Rome"}' } }] }),
        chunk({ tool_calls: [{ index: 1, function: { arguments: '"Oslo"}' } }] }),
        chunk({}, 'tool_calls'),
      ],
    },
    async (client) => {
      const stream = client.responses.stream({ model: 'auto', input: 'Hi', tools: [WEATHER] });
      const final = await stream.finalResponse();
      expect(final.output.map((item) => item.type)).toEqual([
        'reasoning',
        'message',
        'function_call',
        'function_call',
      ]);
      expect(
        final.output.map((item) => (item.type === 'function_call' ? item.arguments : '')),
      ).toEqual(['', '', '{"city":"Rome"}', '{"city":"Oslo"}']);
    },
  ));

test('a tool loop with state: the call, its output, the answer', () =>
  withClient(
    ({ call }) => {
      const messages = call.body['messages'] as readonly JsonObject[]; // made by the translation
      const last = messages.at(-1);
      const call1 = {
        id: 'call_1',
        type: 'function',
        function: { name: 'weather', arguments: '{}' },
      };
      return last?.['role'] === 'tool'
        ? { whole: completion({ content: `It is ${textIn(last['content'])}.` }) }
        : { whole: completion({ content: null, tool_calls: [call1] }, 'tool_calls') };
    },
    async (client, inner) => {
      const first = await client.responses.create({
        model: 'auto',
        input: 'Weather?',
        tools: [WEATHER],
      });
      const [called] = first.output;
      if (called?.type !== 'function_call') throw new Error('no call');
      const second = await client.responses.create({
        model: 'auto',
        previous_response_id: first.id,
        tools: [WEATHER],
        input: [{ type: 'function_call_output', call_id: called.call_id, output: 'sunny' }],
      });
      expect(second.output_text).toBe('It is sunny.');
      expect(inner.asked[1]?.call.body).toMatchObject({
        messages: [
          { role: 'user', content: 'Weather?' },
          { role: 'assistant', content: null, tool_calls: [{ id: 'call_1' }] },
          { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
        ],
        tools: [{ type: 'function', function: { name: 'weather', strict: false } }],
      });
    },
  ));

test('parse gives the object that the schema describes', () =>
  withClient({ whole: completion({ content: '{"city":"Rome"}' }) }, async (client, inner) => {
    const format = zodTextFormat(z.object({ city: z.string() }), 'place');
    const response = await client.responses.parse({
      model: 'auto',
      input: 'Where?',
      text: { format },
    });
    expect(response.output_parsed).toEqual({ city: 'Rome' });
    expect(inner.asked[0]?.call.body['response_format']).toMatchObject({
      type: 'json_schema',
      json_schema: { name: 'place', strict: true, schema: { type: 'object' } },
    });
  }));

test('an unknown previous_response_id is a BadRequestError that says so', () =>
  withClient({ whole: completion({ content: 'x' }) }, async (client) => {
    const asked = client.responses.create({
      model: 'auto',
      input: 'x',
      previous_response_id: 'resp_nothing',
    });
    await expect(asked).rejects.toBeInstanceOf(BadRequestError);
    await expect(asked).rejects.toMatchObject({ code: 'previous_response_not_found' });
  }));

test('an upstream that breaks off is an error in the SDK, never a finished answer', () =>
  withClient(
    { chunks: [chunk({ content: 'Hal' }), new UpstreamError('interrupted', 'The wire broke.')] },
    async (client) => {
      const stream = await client.responses.create({ model: 'auto', input: 'x', stream: true });
      const seen: string[] = [];
      const reading = (async () => {
        for await (const event of stream) seen.push(event.type);
      })();
      await expect(reading).rejects.toBeInstanceOf(APIError);
      expect(seen.at(-1)).toBe('response.failed');
    },
  ));
