/** Embeddings as OpenAI's API gives them, whatever a server makes of the order, the encoding and the members. */
import type { Call } from '../../core/call.ts';
import { UpstreamError } from '../../core/errors.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';

/** The changed members of an answer; empty where it is as it should be. */
export function vectorChanges(
  body: JsonObject,
  { body: asked }: Call,
  { model, upstream }: { readonly model: string; readonly upstream: string },
): JsonObject {
  const { data, object, model: answered } = body;
  if (!Array.isArray(data)) return {};
  const wantsText = asked['encoding_format'] === 'base64';
  requireAll(data, asked['input'], upstream);
  const vectors = inOrder(data.map((item: Json, place) => vectorOf(item, place, wantsText)));
  const isSame = vectors.every((vector, place) => vector === data[place]);
  return {
    ...(typeof object === 'string' ? {} : { object: 'list' }),
    ...(typeof answered === 'string' && answered !== '' ? {} : { model }),
    ...(isSame ? {} : { data: vectors }),
  };
}

/** The very same item where nothing is wrong with it. SDKs ask for base64 and decode any answer as such. */
function vectorOf(item: Json, place: number, wantsText: boolean): Json {
  if (!isObject(item)) return item;
  const { embedding, index, object } = item;
  const isInOrder = typeof index === 'number' && object !== undefined;
  if (isInOrder && (typeof embedding === 'string') === wantsText) return item;
  return {
    object: 'embedding',
    index: place,
    ...item,
    embedding: wantsText ? toBase64(embedding) : toNumbers(embedding),
  };
}

/** Callers that send many texts take the first vector for that of the first. */
function inOrder(items: readonly Json[]): readonly Json[] {
  const isSorted = items.every((item, at) => at === 0 || placeOf(items[at - 1]) <= placeOf(item));
  return isSorted ? items : items.toSorted((one, other) => placeOf(one) - placeOf(other));
}

const placeOf = (item: Json | undefined): number =>
  isObject(item) && typeof item['index'] === 'number' ? item['index'] : 0;

/** @throws UpstreamError where a text has no vector, or one of no numbers: an index would hold wrong ones for good. */
function requireAll(items: readonly Json[], input: Json | undefined, upstream: string): void {
  const expected = countOf(input);
  if (items.length !== expected) {
    const message = `'${upstream}' answered ${expected} inputs with ${items.length} embeddings.`;
    throw new UpstreamError('bad_answer', message);
  }
  if (items.every(hasNumbers)) return;
  throw new UpstreamError(
    'bad_answer',
    `'${upstream}' answered with an embedding that has no numbers.`,
  );
}

/** A text or one list of token numbers is one input. */
function countOf(input: Json | undefined): number {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
}

/** Numbers that are none are null in JSON. */
function hasNumbers(item: Json): boolean {
  const embedding = isObject(item) ? item['embedding'] : undefined;
  if (typeof embedding === 'string') return embedding !== '';
  return Array.isArray(embedding) && embedding.length > 0 && !embedding.includes(null);
}

/** Little-endian 32-bit floats, as OpenAI sends them. */
function toBase64(embedding: Json | undefined): Json {
  if (!Array.isArray(embedding)) return embedding ?? null;
  const bytes = Buffer.alloc(embedding.length * 4);
  embedding.forEach((value: Json, i) => bytes.writeFloatLE(Number(value), i * 4));
  return bytes.toString('base64');
}

function toNumbers(embedding: Json | undefined): Json {
  if (typeof embedding !== 'string') return embedding ?? null;
  const bytes = Buffer.from(embedding, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readFloatLE(i * 4));
}
