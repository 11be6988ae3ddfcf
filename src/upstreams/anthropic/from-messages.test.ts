import { expect, test } from 'vitest';
import { call } from '../../../test/support/call.ts';
import { isObject, objectsIn, textIn, type JsonObject } from '../../lib/json.ts';
import { dataEvent } from '../../wire/events.ts';
import { chatChunks } from './from-messages.ts';

const opened = (id: string, input?: JsonObject): JsonObject => ({
  type: 'content_block_start',
  content_block: { type: 'tool_use', id, name: 'f', ...(input === undefined ? {} : { input }) },
});
const piece = (text: string): JsonObject => ({
  type: 'content_block_delta',
  delta: { type: 'input_json_delta', partial_json: text },
});
const stop = { type: 'content_block_stop' };

/** The arguments of each call as clients add them up. */
function argumentsOf(events: readonly JsonObject[]): readonly string[] {
  const { push } = chatChunks(call());
  const said: string[] = [];
  for (const { data } of events.flatMap((event) => push(dataEvent(event)))) {
    const [choice] = objectsIn(data?.['choices']);
    const delta = isObject(choice?.['delta']) ? choice['delta'] : {};
    for (const { index, function: called } of objectsIn(delta['tool_calls'])) {
      const at = Number(index);
      said[at] = (said[at] ?? '') + (isObject(called) ? textIn(called['arguments']) : '');
    }
  }
  return said;
}

test.each<[string, readonly JsonObject[], readonly string[]]>([
  ['no piece', [opened('a', {}), stop], ['{}']],
  ['an empty piece', [opened('a', {}), piece(''), stop], ['{}']],
  ['pieces', [opened('a', {}), piece(''), piece('{"x"'), piece(':1}'), stop], ['{"x":1}']],
  ['its opening', [opened('a', { x: 1 }), stop], ['{"x":1}']],
  [
    'two, one of them without',
    [opened('a'), stop, opened('b'), piece('{"y":2}'), stop],
    ['{}', '{"y":2}'],
  ],
])('the arguments of a tool that come in %s', (_where, events, said) => {
  expect(argumentsOf(events)).toEqual(said);
});
