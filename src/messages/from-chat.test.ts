import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunk } from '../../test/support/scripted-chat.ts';
import type { JsonObject } from '../lib/json.ts';
import { translation } from './from-chat.ts';

function fresh() {
  let ids = 0;
  const newId = (prefix: string): string => `${prefix}_${(ids += 1)}`;
  return translation({ request: {}, id: 'msg_1', model: 'm', newId });
}

const call = { index: 0, id: 'call_1', function: { name: 'f', arguments: '{' } };

test('a text by itself is written as the chunk that brings it', () => {
  const pieces = fc.array(
    fc.constantFrom<JsonObject>(
      { content: 'a' },
      { content: 'b' },
      { content: '' },
      { refusal: 'no' },
      { tool_calls: [call] },
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
      expect(alike.end()).toEqual(parsed.end());
    }),
  );
});
