import { describe, expect, test } from 'vitest';
import { conforms } from '../../test/support/openai-schemas.ts';
import {
  drain,
  events,
  idOf,
  rejection,
  responsesHarness,
  types,
} from '../../test/support/responses-harness.ts';
import { chunk, usageChunk } from '../../test/support/scripted-chat.ts';
import { UpstreamError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../lib/json.ts';

describe('streams', () => {
  test('a text turn has OpenAI’s events in OpenAI’s order', async () => {
    const { upstream } = responsesHarness({
      chunks: [
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'He' }),
        chunk({ content: 'y' }),
        chunk({}, 'stop'),
        usageChunk,
      ],
    });
    const seen = await drain(await events(upstream, { model: 'auto', input: 'x' }));
    expect(types(seen)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    for (const event of seen) expect(conforms('response event', event)).toEqual([]);
    expect(seen.map((event) => event['sequence_number'])).toEqual(seen.map((_, at) => at));
    expect(seen.at(-1)?.['response']).toMatchObject({
      usage: {
        input_tokens_details: { cached_tokens: 3 },
        output_tokens_details: { reasoning_tokens: 2 },
      },
    });
  });

  test('each event is named on the wire, on one line, and nothing follows the last', async () => {
    const { upstream } = responsesHarness({ chunks: [chunk({ content: 'a\nb' }, 'stop')] });
    const iterator = await events(upstream, { model: 'auto', input: 'x' });
    let wire = '';
    for (;;) {
      const step = await iterator.next();
      if (step.done === true) break;
      wire += Buffer.from(step.value.bytes).toString();
    }
    for (const event of wire.trimEnd().split('\n\n')) {
      const [name, data, ...rest] = event.split('\n');
      expect(rest).toEqual([]);
      const payload = JSON.parse(data!.slice('data: '.length)) as { type: string }; // an event of this gateway
      expect(name).toBe(`event: ${payload.type}`);
    }
    expect(wire).not.toContain('[DONE]');
  });

  test('a keep-alive comment is passed on', async () => {
    const { upstream } = responsesHarness({ chunks: ['comment', chunk({ content: 'a' }, 'stop')] });
    const iterator = await events(upstream, { model: 'auto', input: 'x' });
    const first = await iterator.next();
    expect(first.done === true ? '' : Buffer.from(first.value.bytes).toString()).toBe(': wait\n\n');
  });

  test('pieces of parallel calls that interleave stay apart', async () => {
    const piece = (index: number, members: JsonObject): JsonObject =>
      chunk({ tool_calls: [{ index, ...members }] });
    const { upstream } = responsesHarness({
      chunks: [
        piece(0, { id: 'c0', type: 'function', function: { name: 'a', arguments: '' } }),
        piece(1, { id: 'c1', type: 'function', function: { name: 'b', arguments: '' } }),
        piece(0, { function: { arguments: '{"x"' } }),
        piece(1, { function: { arguments: '{}' } }),
        piece(0, { function: { arguments: ':1}' } }),
        chunk({}, 'tool_calls'),
      ],
    });
    const seen = await drain(await events(upstream, { model: 'auto', input: 'x' }));
    for (const event of seen) expect(conforms('response event', event)).toEqual([]);
    expect(seen.at(-1)?.['response']).toMatchObject({
      output: [
        { type: 'function_call', call_id: 'c0', name: 'a', arguments: '{"x":1}' },
        { type: 'function_call', call_id: 'c1', name: 'b', arguments: '{}' },
      ],
    });
  });

  test.each([
    ['breaks', new UpstreamError('unreachable', 'gone'), 0],
    ['sends an error event', { error: { message: 'gone', type: 'server_error' } }, 1],
    ['just ends', undefined, 0],
  ])(
    'an upstream that %s in mid-stream gives response.failed and then an error',
    async (_, broken, stopped) => {
      const { upstream, inner, store } = responsesHarness({
        chunks: [chunk({ content: 'Hal' }), ...(broken === undefined ? [] : [broken])],
      });
      const iterator = await events(upstream, { model: 'auto', input: 'x' });
      const seen: JsonObject[] = [];
      const error = await rejection(
        (async () => {
          for (;;) {
            const step = await iterator.next();
            if (step.done === true) return;
            if (step.value.data !== undefined) seen.push(step.value.data);
          }
        })(),
      );
      expect(error.code).toMatch(/^upstream_/);
      expect(types(seen)).not.toContain('response.completed');
      expect(conforms('response event', seen.at(-1))).toEqual([]);
      expect(seen.at(-1)).toMatchObject({
        type: 'response.failed',
        response: {
          status: 'failed',
          error: { code: 'server_error' },
          output: [{ status: 'incomplete' }],
        },
      });
      expect(inner.closed()).toBe(stopped);
      const created = seen[0]?.['response'];
      expect(store.load('alice', idOf(isObject(created) ? created : undefined))).toBeUndefined();
    },
  );

  test('a caller who hangs up stops the upstream', async () => {
    const { upstream, inner } = responsesHarness({
      chunks: [chunk({ content: 'a' }), chunk({ content: 'b' })],
    });
    const iterator = await events(upstream, { model: 'auto', input: 'x' });
    await iterator.next();
    await iterator.return?.();
    expect(inner.closed()).toBe(1);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});
