/** The tool calls in one delta as OpenAI would have sent them. */
import { isGiven, isObject, textIn, type Json, type JsonObject } from '../lib/json.ts';
import type { CallSorter, PlacedPiece, SentPiece } from './tool-call-pieces.ts';

/** Undefined for what is no call of a function: a custom tool's input is no JSON, and says nothing about its end. */
export function sentPiece(call: Json, index: number | undefined): SentPiece | undefined {
  if (!isObject(call) || !isObject(call['function'])) return undefined;
  const { name, arguments: args } = call['function'];
  return {
    index,
    id: textIn(call['id']).trim(),
    name: textIn(name),
    args: isObject(args) ? JSON.stringify(args) : textIn(args),
  };
}

/** Undefined where every piece is as it should be. */
export function sortedCalls(sent: readonly Json[], calls: CallSorter): readonly Json[] | undefined {
  let isChanged = false;
  const sorted = sent.flatMap((call: Json, position) => {
    const index = isObject(call) ? call['index'] : undefined;
    // Several in one event are numbered by their places, if by nothing else.
    const place = sent.length > 1 ? position : undefined;
    const piece = sentPiece(call, typeof index === 'number' ? index : place);
    if (!isObject(call) || piece === undefined) return [call];
    const placed = calls.place(piece);
    const [only] = placed;
    if (placed.length === 1 && only !== undefined && isAsSent(call, only)) return [call];
    isChanged = true;
    return placed.map((each) => written(each, call));
  });
  const joined = joinedPieces(sorted);
  return isChanged || joined.length < sorted.length ? joined : undefined;
}

function isAsSent(call: JsonObject, piece: PlacedPiece): boolean {
  const sent = isObject(call['function']) ? call['function'] : {};
  const args = sent['arguments'];
  if (call['index'] !== piece.index || textIn(sent['name']) !== piece.name) return false;
  if (piece.isFirst)
    return call['id'] === piece.id && typeof args === 'string' && isGiven(call['type']);
  // OpenAI's SDK for Python puts an id that is repeated behind the one before.
  return (args === undefined || typeof args === 'string') && (call['id'] ?? '') === '';
}

function written({ index, isFirst, id, name, args }: PlacedPiece, call: JsonObject): JsonObject {
  const { id: _id, type: _type, function: _function, ...others } = call;
  return {
    ...others,
    index,
    ...(isFirst ? { id, type: 'function' } : {}),
    function: { ...(name === '' ? {} : { name }), arguments: args },
  };
}

/** Pieces of one call in one event, as one: SDKs keep those of a first event apart. */
export function joinedPieces(pieces: readonly Json[]): readonly Json[] {
  if (pieces.length < 2) return pieces;
  const places = new Map<Json, number>();
  const joined: Json[] = [];
  for (const piece of pieces) {
    const index = isObject(piece) && isObject(piece['function']) ? piece['index'] : undefined;
    const place = index === undefined ? undefined : places.get(index);
    const before = place === undefined ? undefined : joined[place];
    if (place !== undefined && isObject(piece) && isObject(before)) {
      joined[place] = { ...before, function: joinedArguments(before, piece) };
      continue;
    }
    if (index !== undefined) places.set(index, joined.length);
    joined.push(piece);
  }
  return joined;
}

function joinedArguments({ function: before }: JsonObject, { function: more }: JsonObject): Json {
  const [first, second] = [isObject(before) ? before : {}, isObject(more) ? more : {}];
  return { ...first, arguments: textIn(first['arguments']) + textIn(second['arguments']) };
}

/** OpenAI's arguments are JSON always; of a call of whose arguments nothing came they are `{}`. */
export const emptyArguments = (calls: CallSorter): readonly JsonObject[] =>
  calls.withoutArguments().map((index) => ({ index, function: { arguments: '{}' } }));

/** Who calls nothing has no list of calls: agents take an empty one for calls that they wait for. */
export function withoutIdleCalls(said: JsonObject): JsonObject {
  const { tool_calls: _none, ...others } = said;
  return others;
}
