/** Restores the events of `/v1/responses`: deltas piece by piece, everything else whole. */
import { isObject, type Json, type JsonObject, textIn } from '../lib/json.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { mapTexts } from './json-texts.ts';
import { namedEvent, type EventStep } from '../wire/events.ts';
import { createRestorer, type Placeholders, type Restorer } from './placeholders.ts';

interface Channel {
  readonly item: string;
  readonly restorer: Restorer;
  /** The event that the held-back text belongs to. */
  last: JsonObject;
}

const ENDS = new Set(['response.completed', 'response.incomplete', 'response.failed', 'error']);

export function responsesRestorer(
  placeholders: Placeholders,
  { isJson }: { readonly isJson: boolean },
): EventStep {
  const channels = new Map<string, Channel>();
  /** Number of inserted events: later sequence numbers rise by it. */
  let added = 0;
  const numbered = (data: JsonObject): StreamEvent => {
    const number = data['sequence_number'];
    const shifted = typeof number === 'number' ? { sequence_number: number + added } : {};
    return namedEvent({ ...data, ...shifted });
  };
  const flush = (item: string | undefined, before: JsonObject): readonly StreamEvent[] => {
    const events: StreamEvent[] = [];
    for (const channel of channels.values()) {
      if (item !== undefined && channel.item !== item) continue;
      const rest = channel.restorer.flush();
      if (rest === '') continue;
      const { sequence_number: number } = before;
      events.push(numbered({ ...channel.last, delta: rest, ...maybeNumber(number) }));
      added += 1;
    }
    return events;
  };
  const flushAll = (): readonly StreamEvent[] => flush(undefined, {});
  const piece = (data: JsonObject, delta: string): StreamEvent => {
    const key = keyOf(data);
    const isQuoted = isJson || textIn(data['type']).includes('_arguments.');
    const known = channels.get(key) ?? opened(placeholders, data, isQuoted);
    channels.set(key, known);
    known.last = data;
    return numbered({ ...data, delta: known.restorer.push(delta) });
  };
  return {
    push: (event) => {
      const { data } = event;
      if (data === undefined) return event;
      const type = textIn(data['type']);
      const delta = data['delta'];
      if (type.endsWith('.delta') && typeof delta === 'string') return piece(data, delta);
      const left = ENDS.has(type)
        ? flush(undefined, data)
        : type.endsWith('.done')
          ? flush(itemOf(data), data)
          : [];
      const whole = mapTexts(data, placeholders.restore);
      if (left.length === 0 && added === 0 && whole === data) return event;
      return [...left, isObject(whole) ? numbered(whole) : event];
    },
    end: flushAll,
    fail: flushAll,
  };
}

const maybeNumber = (number: Json | undefined): JsonObject =>
  number === undefined ? {} : { sequence_number: number };

const opened = (placeholders: Placeholders, data: JsonObject, isQuoted: boolean): Channel => ({
  item: itemOf(data),
  restorer: createRestorer(
    placeholders,
    isQuoted ? placeholders.restoreQuoted : placeholders.restore,
  ),
  last: data,
});

const keyOf = (data: JsonObject): string =>
  ['type', 'item_id', 'output_index', 'content_index', 'summary_index']
    .map((member) => JSON.stringify(data[member]))
    .join('/');

function itemOf(data: JsonObject): string {
  const item = data['item'];
  return textIn(data['item_id']) || (isObject(item) ? textIn(item['id']) : '');
}
