/** A whole answer of `/v1/responses` as the stream that would have said the same. */
import type { StreamEvent } from '../core/upstream.ts';
import { objectsIn, textIn, type JsonObject } from '../lib/json.ts';
import { namedEvent } from './events.ts';

/** Every delta holds the whole of its text; the last event has the response as it came. */
export function streamOfResponse(response: JsonObject): readonly StreamEvent[] {
  const { usage: _usage, ...begun } = response;
  const early = { ...begun, status: 'in_progress', output: [], completed_at: null };
  const status = textIn(response['status']);
  const last = ENDS.has(status) ? status : 'completed';
  const said = [
    { type: 'response.created', response: early },
    { type: 'response.in_progress', response: early },
    ...objectsIn(response['output']).flatMap(itemEvents),
    { type: `response.${last}`, response },
  ];
  return said.map(({ type, ...members }, at) =>
    namedEvent({ type, sequence_number: at, ...members }),
  );
}

const ENDS: ReadonlySet<string> = new Set(['completed', 'incomplete', 'failed']);

type Event = JsonObject & { readonly type: string };

function itemEvents(item: JsonObject, at: number): readonly Event[] {
  const place = { item_id: item['id'], output_index: at };
  const isCall = item['type'] === 'function_call';
  const empty = isCall ? { arguments: '' } : 'content' in item ? { content: [] } : {};
  const begun = { ...item, ...empty, ...('status' in item ? { status: 'in_progress' } : {}) };
  return [
    { type: 'response.output_item.added', output_index: at, item: begun },
    ...(isCall ? callEvents(item, place) : []),
    ...objectsIn(item['content']).flatMap((part, index) =>
      partEvents(part, { ...place, content_index: index }),
    ),
    { type: 'response.output_item.done', output_index: at, item },
  ];
}

function callEvents({ name, arguments: args }: JsonObject, place: JsonObject): readonly Event[] {
  const type = 'response.function_call_arguments';
  return [
    { type: `${type}.delta`, ...place, delta: args },
    { type: `${type}.done`, ...place, name, arguments: args },
  ];
}

function partEvents(part: JsonObject, place: JsonObject): readonly Event[] {
  const kind = textIn(part['type']);
  const member = kind === 'refusal' ? 'refusal' : 'text';
  const text = textIn(part[member]);
  const logprobs = kind === 'output_text' ? { logprobs: part['logprobs'] ?? [] } : {};
  const hasDeltas = TEXTS.has(kind);
  return [
    { type: 'response.content_part.added', ...place, part: { ...part, [member]: '' } },
    ...(hasDeltas
      ? [
          { type: `response.${kind}.delta`, ...place, delta: text, ...logprobs },
          { type: `response.${kind}.done`, ...place, [member]: text, ...logprobs },
        ]
      : []),
    { type: 'response.content_part.done', ...place, part },
  ];
}

const TEXTS: ReadonlySet<string> = new Set(['output_text', 'refusal', 'reasoning_text']);
