/** A translator of chat streams that takes a text by itself: it says the same as of the chunk that brings it. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';
import { chunk } from './scripted-chat.ts';

interface Reader {
  push(chunk: JsonObject): readonly JsonObject[];
  pushText(text: string): readonly JsonObject[];
  end(atMs: number): readonly JsonObject[];
}

/** @param other a delta of the translator's own, beside texts and a refusal */
export function expectTextAlike(fresh: () => Reader, other: JsonObject): void {
  const pieces = fc.array(
    fc.constantFrom<JsonObject>(
      { content: 'a' },
      { content: 'b' },
      { content: '' },
      { refusal: 'no' },
      other,
    ),
  );
  fc.assert(
    fc.property(pieces, (deltas) => {
      const [parsed, alike] = [fresh(), fresh()];
      for (const delta of deltas) {
        const { content } = delta;
        const short =
          typeof content === 'string' ? alike.pushText(content) : alike.push(chunk(delta));
        expect(short).toEqual(parsed.push(chunk(delta)));
      }
      expect(alike.end(2)).toEqual(parsed.end(2));
    }),
  );
}
