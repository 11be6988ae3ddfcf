import fc from 'fast-check';
import { _iterSSEMessages } from 'openai/core/streaming';
import { expect, test } from 'vitest';
import { UpstreamError } from '../../core/errors.ts';
import type { Operation } from '../../core/call.ts';
import type { StreamEvent } from '../../core/upstream.ts';
import { completeness } from '../../wire/stream-end.ts';
import type { Exchange } from '../http/exchange.ts';
import { openStream } from './stream.ts';

/** An exchange that returns these chunks and then ends. */
function exchangeOf(chunks: readonly Buffer[]): Exchange & { isDestroyed: () => boolean } {
  let at = 0;
  let isDestroyed = false;
  return {
    status: 200,
    headers: {},
    read: () => Promise.resolve(chunks[at++]),
    answered: () => undefined,
    drain: () => undefined,
    destroy: () => {
      isDestroyed = true;
    },
    isDestroyed: () => isDestroyed,
  };
}

interface Read {
  readonly events: readonly StreamEvent[];
  readonly error?: unknown;
}

async function readAll(from: Exchange, operation: Operation, wantsUsage: boolean): Promise<Read> {
  const events: StreamEvent[] = [];
  try {
    const iterator = await openStream(from, {
      context: { upstream: 'm', locality: 'local', isCallersModel: false, headers: {} },
      completeness: completeness(operation, 'req_1'),
      wantsUsage,
      maxEventBytes: 500,
      replaced: () => undefined,
      onUsage: () => undefined,
    });
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
      events.push(step.value);
    }
    return { events };
  } catch (error) {
    return { events, error };
  }
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((at) => at % (bytes.length + 1)))].toSorted(
    (a, b) => a - b,
  );
  return [0, ...sorted].map((from, i) => bytes.subarray(from, sorted[i] ?? bytes.length));
}

const choice = fc.record({
  index: fc.nat({ max: 2 }),
  delta: fc.record({ content: fc.string({ unit: 'grapheme', maxLength: 9 }) }),
  finish_reason: fc.constantFrom(null, null, null, 'stop', 'length'),
});
const chunk = fc.record(
  {
    id: fc.string(),
    choices: fc.array(choice, { maxLength: 2 }),
    usage: fc.constantFrom(null, { prompt_tokens: 3 }),
  },
  { requiredKeys: ['choices'] },
);
const framing = fc.record({
  eol: fc.constantFrom('\n', '\r\n', '\r'),
  prefix: fc.constantFrom('data: ', 'data:', ': c\ndata: ', 'id: 4\ndata: '),
  isPretty: fc.boolean(),
});
const piece = fc.tuple(chunk, framing).map(([data, { eol, prefix, isPretty }]) => {
  const json = isPretty
    ? JSON.stringify(data, null, 1).replaceAll('\n', '\ndata: ')
    : JSON.stringify(data);
  return `${prefix}${json}\n\n`.replaceAll('\n', eol);
});
const noise = fc.oneof(
  fc.constantFrom(
    'data: [DONE]\n\n',
    'data: {"error":{"message":"x"}}\n\n',
    'data: nul\u0000\n\n',
    '<html>\n\n',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constant(`data: "${'x'.repeat(600)}"\n\n`),
);
const cuts = fc.array(fc.nat(), { maxLength: 10 });
const operation = fc.constantFrom<Operation>('chat', 'text_completion', 'responses');

test('any broken stream either ends or rejects with an UpstreamError', async () => {
  const stream = fc.array(fc.oneof({ weight: 4, arbitrary: piece }, noise), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(stream, cuts, operation, fc.boolean(), async (pieces, places, kind, usage) => {
      const from = exchangeOf(cut(Buffer.from(pieces.join('')), places));
      const { events, error } = await readAll(from, kind, usage);
      if (error === undefined) expect(events.at(-1)?.done ?? kind === 'responses').toBe(true);
      else {
        expect(error).toBeInstanceOf(UpstreamError);
        expect(events.some(({ done }) => done)).toBe(false);
        expect(from.isDestroyed()).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

test("whole streams give OpenAI's SDK the same objects, and no usage that was not asked for", async () => {
  const last = 'data: {"choices":[0,1,2]}\n\n'.replace(
    '[0,1,2]',
    JSON.stringify([0, 1, 2].map((index) => ({ index, delta: {}, finish_reason: 'stop' }))),
  );
  const stream = fc.array(piece, { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(stream, cuts, fc.boolean(), async (pieces, places, wantsUsage) => {
      const bytes = Buffer.from(`${pieces.join('')}${last}data: [DONE]\n\n`);
      const { events, error } = await readAll(exchangeOf(cut(bytes, places)), 'chat', wantsUsage);
      expect(error).toBeUndefined();
      const sent = await readBySdk(Buffer.concat(events.map((event) => event.bytes)));
      const came = (await readBySdk(bytes)).flatMap((data) =>
        wantsUsage ? [data] : withoutUsage(data),
      );
      expect(sent).toEqual(withoutRepeats(came));
    }),
    { numRuns: 500 },
  );
});

async function readBySdk(bytes: Buffer): Promise<unknown[]> {
  const seen: unknown[] = [];
  const body = new Response(new Uint8Array(bytes));
  for await (const { data } of _iterSSEMessages(body, new AbortController())) {
    seen.push(data === '[DONE]' ? data : JSON.parse(data));
  }
  return seen;
}

function withoutUsage(data: unknown): unknown[] {
  if (typeof data !== 'object' || data === null) return [data];
  const { usage, ...others } = data as { usage?: unknown; choices?: unknown };
  const isUsageAlone =
    usage !== undefined && usage !== null && JSON.stringify(others.choices) === '[]';
  return isUsageAlone ? [] : [others];
}

/** A finish reason is given once, until the server gives another. */
function withoutRepeats(came: readonly unknown[]): unknown[] {
  const reasons = new Map<unknown, unknown>();
  return came.map((data) => {
    if (typeof data !== 'object' || data === null) return data;
    const { choices } = data as { choices: { index: number; finish_reason: string | null }[] };
    const once = structuredClone(choices);
    for (const said of once) {
      const before = reasons.get(said.index);
      reasons.set(said.index, said.finish_reason ?? before);
      if (before === said.finish_reason) said.finish_reason = null;
    }
    return { ...data, choices: once };
  });
}
