import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { collect, echo } from '../../test/support/echo-upstream.ts';
import { allChunks } from '../../test/support/openai-harness.ts';
import { chat, sampleText, user } from '../../test/support/sample-texts.ts';
import type { Call } from '../core/call.ts';
import { UpstreamError } from '../core/errors.ts';
import type { JsonObject } from '../lib/json.ts';
import { personalKinds, type MaskedCounts } from '../core/masking.ts';
import type { Answer } from '../core/upstream.ts';
import { piiDetector } from '../signals/pii/detector.ts';
import { maskCall } from './mask-call.ts';
import { maskedUpstream } from './masked-upstream.ts';
import { createRestorer } from './placeholders.ts';

const never = new AbortController().signal;
const cuts = fc.array(fc.nat(400), { maxLength: 12 });

/** Sends through the mask; undefined if it is withheld. */
async function through(given: Call, at: readonly number[]) {
  const inner = echo(at);
  const seen: { counts?: MaskedCounts } = {};
  const egress = {
    bytesSent: () => {},
    valuesMasked: (counts: MaskedCounts) => Object.assign(seen, { counts }),
  };
  try {
    const request = { call: given, model: 'm', redact: personalKinds, egress };
    return { answer: await maskedUpstream(inner, piiDetector()).send(request, never), inner, seen };
  } catch (error) {
    expect(error).toBeInstanceOf(UpstreamError);
    return undefined;
  }
}

const dataOf = async (answer: Answer): Promise<readonly JsonObject[]> => {
  if (answer.kind !== 'stream') throw new Error('no stream');
  const events = await collect(answer.events);
  // The caller reads the bytes.
  return events.flatMap(({ bytes, done }) => {
    const text = Buffer.from(bytes).toString().split('data: ')[1] ?? '';
    return done === true ? [] : [JSON.parse(text) as JsonObject];
  });
};

const choicesOf = (data: readonly JsonObject[], index: number): JsonObject[] =>
  data
    .flatMap(({ choices }) => choices as JsonObject[])
    .filter((choice) => choice['index'] === index);
const joined = (choices: readonly JsonObject[], read: (delta: JsonObject) => unknown): string =>
  choices
    .map((choice) => read((choice['delta'] ?? choice) as JsonObject))
    .filter((text) => typeof text === 'string')
    .join('');

describe('the restored answer', () => {
  test('a whole answer has the original values, in its text and quoted in arguments', async () => {
    await fc.assert(
      fc.asyncProperty(sampleText, async (text) => {
        const done = await through(chat([user(text)]), []);
        if (done?.answer.kind !== 'whole') return;
        const [choice] = JSON.parse(Buffer.from(done.answer.bytes).toString()).choices;
        expect(choice.message.content).toBe(text);
        expect(JSON.parse(choice.message.tool_calls[0].function.arguments)).toEqual({ said: text });
      }),
    );
  });

  test('a chat stream, cut anywhere, is restored: text, other choices, tool arguments', async () => {
    await fc.assert(
      fc.asyncProperty(sampleText, cuts, async (text, at) => {
        const done = await through({ ...chat([user(text)]), stream: true }, at);
        if (done === undefined) return;
        const data = await dataOf(done.answer);
        const first = choicesOf(data, 0);
        expect(joined(first, ({ content }) => content)).toBe(text);
        // This choice ends without a last chunk.
        expect(joined(choicesOf(data, 1), ({ content }) => content)).toBe(text);
        const args = joined(first, ({ tool_calls: calls }) =>
          (calls as { function: { arguments: string } }[] | undefined)
            ?.map((one) => one.function.arguments)
            .join(''),
        );
        expect(JSON.parse(args)).toEqual({ said: text });
      }),
      { numRuns: 200 },
    );
  });

  test('a completion stream, cut anywhere, is restored', async () => {
    await fc.assert(
      fc.asyncProperty(sampleText, cuts, async (text, at) => {
        const given = call({ operation: 'text_completion', stream: true, body: { prompt: text } });
        const done = await through(given, at);
        if (done === undefined) return;
        const data = await dataOf(done.answer);
        expect(joined(choicesOf(data, 0), (choice) => choice['text'])).toBe(text);
      }),
    );
  });

  test('native responses, cut anywhere, are restored, with their events in order', async () => {
    await fc.assert(
      fc.asyncProperty(sampleText, cuts, async (text, at) => {
        const body = { input: [user(text)] };
        const done = await through(call({ operation: 'responses', stream: true, body }), at);
        if (done === undefined) return;
        const data = await dataOf(done.answer);
        const deltas = data.filter(({ type }) => type === 'response.output_text.delta');
        expect(deltas.map(({ delta }) => (typeof delta === 'string' ? delta : '')).join('')).toBe(
          text,
        );
        expect(data.find(({ type }) => type === 'response.output_text.done')?.['text']).toBe(text);
        expect(data.map((one) => one['sequence_number'])).toEqual(data.map((_, index) => index));
      }),
    );
  });

  test('a passthrough answer, cut anywhere, is restored', async () => {
    await fc.assert(
      fc.asyncProperty(sampleText, cuts, async (text, at) => {
        const done = await through(call({ operation: 'passthrough', body: { text } }), at);
        if (done?.answer.kind !== 'raw') return;
        const bytes = await allChunks(done.answer.chunks);
        expect(JSON.parse(bytes.toString())).toEqual({ text });
      }),
    );
  });

  test.each<[string, Record<string, string>]>([
    ['a picture', { 'content-type': 'image/png' }],
    ['a compressed text', { 'content-type': 'text/plain', 'content-encoding': 'gzip' }],
    ['a text in another encoding', { 'content-type': 'text/plain; charset=utf-16le' }],
    ['something without a type', {}],
  ])('of a passthrough route passes byte for byte where it is %s', async (_, headers) => {
    const bytes = Buffer.from([0xff, 0xfe, 0x3c, 0x00, 0x80]);
    const chunks = (async function* () {
      yield bytes;
    })();
    const inner = {
      ...echo([]),
      send: async () => ({ kind: 'raw' as const, status: 200, headers, chunks }),
    };
    const given = call({ operation: 'passthrough', body: { text: 'a@ejemplo.es' } });
    const request = { call: given, model: 'm', redact: personalKinds };
    const answer = await maskedUpstream(inner, piiDetector()).send(request, never);
    if (answer.kind !== 'raw') throw new Error(answer.kind);
    expect(await allChunks(answer.chunks)).toEqual(bytes);
  });

  test('only a possible start of a placeholder is held back', async () => {
    const { placeholders } = await maskCall(
      chat([user('a@ejemplo.es +34 612 345 678')]),
      personalKinds,
      piiDetector(),
    );
    const tokens = ['<EMAIL_1>', '<PHONE_1>'];
    const text = fc.array(
      fc.constantFrom('<', 'E', 'EMAIL_', '1', '>', '<EMAIL_1>', '<PHONE_1>', ' a'),
    );
    fc.assert(
      fc.property(text, (parts) => {
        const restorer = createRestorer(placeholders, (whole) => whole);
        let given = '';
        let out = '';
        for (const part of parts) {
          given += part;
          out += restorer.push(part);
          const held = given.slice(out.length);
          expect(given.startsWith(out)).toBe(true);
          expect(held === '' || tokens.some((one) => one !== held && one.startsWith(held))).toBe(
            true,
          );
        }
        expect(out + restorer.flush()).toBe(given);
      }),
    );
  });

  test('the counts are told, and never a value', async () => {
    const done = await through(chat([user('a@ejemplo.es a@ejemplo.es +34 612 345 678')]), []);
    expect(done?.seen.counts).toEqual({ email: 1, phone: 1 });
  });

  test('if the detector fails nothing is sent', async () => {
    const inner = echo([]);
    const broken = maskedUpstream(inner, {
      find: () => {
        throw new TypeError('broken');
      },
      kindsIn: () => [],
    });
    const request = { call: chat([user('hello')]), model: 'm', redact: personalKinds };
    await expect(broken.send(request, never)).rejects.toMatchObject({ attemptCause: 'withheld' });
    expect(inner.got).toEqual([]);
  });
});
