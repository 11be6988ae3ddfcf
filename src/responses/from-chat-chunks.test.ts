import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOTHING_USED } from '../../test/support/no-accountant.ts';
import { conforms } from '../../test/support/openai-schemas.ts';
import { chunk, completion } from '../../test/support/scripted-chat.ts';
import { expectTextAlike } from '../../test/support/text-alike.ts';
import { isObject, type Json, type JsonObject, objectsIn, textIn } from '../lib/json.ts';
import { translation, type ResponsesEvent, type Translation } from './from-chat-chunks.ts';

function fresh(): Translation {
  let ids = 0;
  return translation({
    draft: { id: 'resp_1', createdAt: 1, model: 'm', request: {} },
    newId: (prefix) => `${prefix}_${(ids += 1)}`,
    countUsage: () => NOTHING_USED,
  });
}

function eventsOf(deltas: readonly JsonObject[], finish = 'stop'): readonly ResponsesEvent[] {
  const writing = fresh();
  return [
    ...writing.begin(),
    ...deltas.flatMap((delta) => writing.push(chunk(delta))),
    ...writing.push(chunk({}, finish)),
    ...writing.end(2),
  ];
}

const finalOutput = (events: readonly ResponsesEvent[]): readonly JsonObject[] => {
  const response = events.at(-1)?.['response'];
  return isObject(response) ? objectsIn(response['output']) : [];
};

/** Rebuilds the items from the events, as a client does. */
function replay(events: readonly ResponsesEvent[]): readonly JsonObject[] {
  const items: Record<string, Json | undefined>[] = [];
  for (const event of events) {
    const at = Number(event['output_index']);
    const item = items[at];
    if (event.type === 'response.output_item.added' && isObject(event['item'])) {
      expect(at).toBe(items.length);
      items.push({ ...event['item'] });
    } else if (event.type === 'response.function_call_arguments.delta') {
      item!['arguments'] = textIn(item!['arguments']) + textIn(event['delta']);
    } else if (event.type === 'response.content_part.added' && isObject(event['part'])) {
      expect(objectsIn(item!['content'])).toHaveLength(Number(event['content_index']));
      item!['content'] = [...objectsIn(item!['content']), event['part']];
    } else if (/\.(output_text|refusal|reasoning_text)\.delta$/.test(event.type)) {
      item!['content'] = grown(objectsIn(item!['content']), event);
    }
    if (event['item_id'] !== undefined) expect(event['item_id']).toBe(item!['id']);
  }
  return items;
}

function grown(parts: readonly JsonObject[], event: ResponsesEvent): readonly JsonObject[] {
  const at = Number(event['content_index']);
  expect(at).toBe(parts.length - 1);
  return parts.map((part, index) => {
    if (index !== at) return part;
    const member = part['type'] === 'refusal' ? 'refusal' : 'text';
    return { ...part, [member]: textIn(part[member]) + textIn(event['delta']) };
  });
}

const withoutStatus = (items: readonly JsonObject[]): readonly JsonObject[] =>
  items.map(({ status: _status, ...item }) => item);

/** Every `added` has its `done`; no event follows an item's `done`; only calls may stay open beside another item. */
function expectNested(events: readonly ResponsesEvent[]): void {
  const open = new Map<number, Json | undefined>();
  for (const event of events) {
    if (event['output_index'] === undefined) continue;
    const at = Number(event['output_index']);
    if (event.type === 'response.output_item.added' && isObject(event['item'])) {
      expect([...open.values()].filter((type) => type !== 'function_call')).toEqual([]);
      open.set(at, event['item']['type']);
    } else expect(open.has(at), `${event.type} of a closed item`).toBe(true);
    if (event.type === 'response.output_item.done') open.delete(at);
  }
  expect([...open]).toEqual([]);
}

const piece = fc.record({
  index: fc.nat(3),
  name: fc.constantFrom('look', 'send'),
  args: fc.string({ unit: 'grapheme' }),
});

/** Deltas as servers stream them: id and name only in the first piece of an index. */
const deltas = fc
  .array(
    fc.oneof(
      fc.record({ content: fc.string({ unit: 'grapheme' }) }),
      fc.record({ refusal: fc.string() }),
      fc.record({ reasoning_content: fc.string() }),
      fc.record({ content: fc.string(), reasoning: fc.string() }),
      fc.record({ role: fc.constant('assistant') }),
      fc.array(piece, { maxLength: 3 }).map((pieces) => ({ pieces })),
    ),
    { maxLength: 30 },
  )
  .map((drafts) => {
    const begun = new Set<number>();
    return drafts.map((draft): JsonObject => {
      if (!('pieces' in draft)) return draft;
      const calls = draft.pieces.map(({ index, name, args }) => {
        const first = !begun.has(index);
        begun.add(index);
        const head = first ? { id: `call_${index}`, type: 'function' } : {};
        return { index, ...head, function: { ...(first ? { name } : {}), arguments: args } };
      });
      return { tool_calls: calls };
    });
  });

describe('any chat stream', () => {
  test('the deltas add up to the final items', () => {
    fc.assert(
      fc.property(deltas, fc.constantFrom('stop', 'length', 'tool_calls'), (stream, finish) => {
        const events = eventsOf(stream, finish);
        expect(withoutStatus(replay(events))).toEqual(withoutStatus(finalOutput(events)));
      }),
    );
  });

  test('every event is valid under OpenAI’s schema', () => {
    const stream = [
      { reasoning: 'Hm.' },
      { content: 'Both.' },
      { refusal: 'Not that.' },
      { tool_calls: [{ index: 0, id: 'a', function: { name: 'look', arguments: '{}' } }] },
    ];
    const events = [
      ...eventsOf(stream, 'length'),
      ...eventsOf([]),
      ...fresh().fail('server_error', 'Gone.'),
    ];
    for (const event of events) expect(conforms('response event', event)).toEqual([]);
    expect(new Set(events.map(({ type }) => type)).size, 'all the kinds we send').toBe(17);
  });

  test('sequence numbers rise by one, and every opened item is closed', () => {
    fc.assert(
      fc.property(deltas, (stream) => {
        const events = eventsOf(stream);
        expect(events.map((event) => event['sequence_number'])).toEqual(events.map((_, at) => at));
        expectNested(events);
      }),
    );
  });

  test('no text is lost, added or moved to another kind', () => {
    fc.assert(
      fc.property(deltas, (stream) => {
        const expected = (member: string): string =>
          stream.map((delta) => textIn(delta[member])).join('');
        const parts = finalOutput(eventsOf(stream)).flatMap((item) => objectsIn(item['content']));
        const kept = (type: string, member: string): string =>
          parts
            .filter((part) => part['type'] === type)
            .map((part) => textIn(part[member]))
            .join('');
        expect(kept('output_text', 'text')).toBe(expected('content'));
        expect(kept('refusal', 'refusal')).toBe(expected('refusal'));
        expect(kept('reasoning_text', 'text')).toHaveLength(
          expected('reasoning').length + expected('reasoning_content').length,
        );
      }),
    );
  });

  test('a whole answer gives the items that its stream would', () => {
    const message = {
      reasoning: 'Hm.',
      content: 'Both.',
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'look', arguments: '{}' } },
        { id: 'b', type: 'function', function: { name: 'send', arguments: '{"x":1}' } },
      ],
    };
    const writing = fresh();
    writing.push(completion(message, 'tool_calls'));
    writing.end(2);
    const streamed = eventsOf([
      { reasoning: 'Hm.' },
      { content: 'Both.' },
      { tool_calls: [{ ...message.tool_calls[0], index: 0 }] },
      { tool_calls: [{ ...message.tool_calls[1], index: 1 }] },
    ]);
    expect(objectsIn(writing.response()['output'])).toEqual(finalOutput(streamed));
  });
});

describe('an empty answer', () => {
  test.each([[], [{ content: '' }], [{ reasoning: 'Hm.' }]])(
    'is an empty message when it is complete',
    (...stream) => {
      expect(finalOutput(eventsOf(stream)).at(-1)).toMatchObject({
        type: 'message',
        status: 'completed',
        content: [{ type: 'output_text', text: '' }],
      });
    },
  );

  test('has no message if it was cut during reasoning', () => {
    expect(finalOutput(eventsOf([{ reasoning: 'Hm.' }], 'length'))).toMatchObject([
      { type: 'reasoning', status: 'incomplete' },
    ]);
  });
});

describe('nonconforming servers', () => {
  test('calls that all have index 0 are distinguished by id', () => {
    const call = (id: string, args: string): JsonObject => ({
      tool_calls: [{ index: 0, id, function: { name: 'look', arguments: args } }],
    });
    expect(finalOutput(eventsOf([call('a', '{"n":1}'), call('b', '{"n":2}')]))).toMatchObject([
      { call_id: 'a', arguments: '{"n":1}' },
      { call_id: 'b', arguments: '{"n":2}' },
    ]);
  });

  test('a call without an id gets one', () => {
    const [item] = finalOutput(eventsOf([{ tool_calls: [{ function: { name: 'look' } }] }]));
    expect(textIn(item?.['call_id'])).toMatch(/^call_/);
  });

  test('two calls with the same id get different ones', () => {
    const pieces = [0, 1].map((index) => ({
      index,
      id: 'x',
      function: { name: 'look', arguments: '' },
    }));
    const ids = finalOutput(eventsOf([{ tool_calls: pieces }])).map((item) => item['call_id']);
    expect(new Set(ids).size).toBe(2);
  });

  test('arguments sent as an object become JSON text', () => {
    const calls = [{ index: 0, id: 'x', function: { name: 'look', arguments: { n: 1 } } }];
    expect(finalOutput(eventsOf([{ tool_calls: calls }]))).toMatchObject([
      { arguments: '{"n":1}' },
    ]);
  });

  test('choices other than the first are ignored', () => {
    const writing = fresh();
    writing.push({
      choices: [
        { index: 1, delta: { content: 'no' } },
        { index: 0, delta: { content: 'yes' } },
      ],
    });
    writing.end(2);
    expect(writing.response()['output']).toMatchObject([{ content: [{ text: 'yes' }] }]);
  });

  test('any chunk is handled', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.dictionary(
            fc.constantFrom('content', 'refusal', 'reasoning', 'tool_calls', 'function_call'),
            fc.jsonValue(),
          ),
        ),
        (junk) => {
          const events = eventsOf(junk);
          expect(events.at(-1)?.type).toBe('response.completed');
        },
      ),
    );
  });
});

test('a text by itself is written as the chunk that brings it', () => {
  expectTextAlike(fresh, { reasoning_content: 'hm' });
});
