/** Streams in any framing, cut anywhere. Broken ones: `npm run fuzz -- --target sse`. */
import fc from 'fast-check';
import { _iterSSEMessages } from 'openai/core/streaming';
import { expect, test } from 'vitest';
import { cutAt, readStream } from '../../../test/support/read-stream.ts';
import { streamPiece } from '../../../test/support/stream-pieces.ts';

const cuts = fc.array(fc.nat(), { maxLength: 10 });

test("whole streams give OpenAI's SDK the same objects, and no usage that was not asked for", async () => {
  const every = (choice: object): string =>
    `data: ${JSON.stringify({ choices: [0, 1, 2].map((index) => Object.assign({ index, finish_reason: null }, choice)) })}\n\n`;
  const first = every({ delta: { role: 'assistant' } });
  const last = every({ delta: {}, finish_reason: 'stop' });
  const stream = fc.array(streamPiece, { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(stream, cuts, fc.boolean(), async (pieces, places, wantsUsage) => {
      const bytes = Buffer.from(`${first}${pieces.join('')}${last}data: [DONE]\n\n`);
      const { events, error } = await readStream(cutAt(bytes, places), 'chat', wantsUsage);
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
