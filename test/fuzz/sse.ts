/** Streams of an upstream: cut anywhere they are the same events, and a broken one never ends as a whole one does. */
import fc from 'fast-check';
import type { Operation } from '../../src/core/call.ts';
import { UpstreamError } from '../../src/core/errors.ts';
import { sseSplitter, type SseEvent } from '../../src/wire/sse.ts';
import { cutAt, readStream } from '../support/read-stream.ts';
import { anyStream } from '../support/stream-pieces.ts';
import type { FuzzTarget } from './target.ts';

const anyCase = fc.record({
  pieces: anyStream,
  places: fc.array(fc.nat(), { maxLength: 10 }),
  operation: fc.constantFrom<Operation>('chat', 'text_completion', 'responses'),
  wantsUsage: fc.boolean(),
});

function split(chunks: readonly Buffer[]): readonly Pick<SseEvent, 'data' | 'name'>[] {
  const splitter = sseSplitter();
  const events = chunks.flatMap((chunk) => [...splitter.push(chunk)]);
  const last = splitter.end();
  const all = last === undefined ? events : [...events, last];
  return all.filter(({ data }) => data !== undefined).map(({ data, name }) => ({ data, name }));
}

/** The standard's algorithm, line by line over the whole text; a last event without its blank line counts, as ours does. */
function dataBySpec(text: string): readonly string[] {
  const found: string[] = [];
  let data: string[] = [];
  for (const line of [...text.replace(/^\ufeff/, '').split(/\r\n|\n|\r/), '']) {
    if (line === '' && data.length > 0) found.push(data.splice(0).join('\n'));
    else if (/^data(?::|$)/.test(line)) data.push(line.slice(5).replace(/^ /, ''));
  }
  return found;
}

export const sse: FuzzTarget = {
  name: 'sse',
  run: async (running) => {
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ pieces, places, operation, wantsUsage }) => {
        const bytes = Buffer.from(pieces.join(''));
        const found = split(cutAt(bytes, places));
        const same = JSON.stringify(found) === JSON.stringify(split([bytes]));
        if (!same) throw new Error('other events where it is cut');
        const spec = JSON.stringify(dataBySpec(bytes.toString()));
        if (JSON.stringify(found.map(({ data }) => data)) !== spec) throw new Error(`not as the standard reads it: ${spec}`);
        const { events, error, isDestroyed } = await readStream(cutAt(bytes, places), operation, wantsUsage);
        const isDone = events.some(({ done }) => done);
        if (error === undefined) {
          if (!isDone && operation !== 'responses') throw new Error('over without an end');
        } else if (!(error instanceof UpstreamError)) throw error;
        else if (isDone || !isDestroyed) throw new Error('an end and an error, or a connection left open');
      }),
      running,
    ); // prettier-ignore
  },
};
