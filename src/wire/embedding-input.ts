/** The `input` of an embeddings request that was sent as token numbers (LangChain's default), as text. */
import type { Call } from '../core/call.ts';
import type { Json } from '../lib/json.ts';
import { spliceJson } from '../lib/json-splice.ts';
import { decodeTokens } from './token-decoder.ts';

/** Deciding and sending read the same call. */
const decoded = new WeakMap<Call, Call>();

/**
 * The call with every list of token numbers in its `input` as the text it stands for. The call itself where there is
 * none, or where numbers are of no known encoding.
 */
export function withTextInput(call: Call): Call {
  if (call.operation !== 'embeddings' || !hasTokens(call.body['input'])) return call;
  let read = decoded.get(call);
  if (read === undefined) {
    read = decode(call) ?? call;
    decoded.set(call, read);
  }
  return read;
}

/** `[1, 2]`, or `[[1, 2], …]`. */
export const hasTokens = (input: Json | undefined): boolean =>
  Array.isArray(input) &&
  (input as readonly Json[]).some((item) => isNumber(item) || isTokens(item));

function decode(call: Call): Call | undefined {
  const input = call.body['input'];
  const lists: Json = isTokens(input) ? [input] : (input ?? null);
  if (!Array.isArray(lists)) return undefined;
  const texts: Json[] = [];
  for (const item of lists as readonly Json[]) {
    const text = isTokens(item) ? decodeTokens(item) : item;
    if (typeof text !== 'string') return undefined;
    texts.push(text);
  }
  const payload = spliceJson(call.payload, { input: JSON.stringify(texts) });
  return { ...call, body: { ...call.body, input: texts }, payload };
}

const isNumber = (item: Json): item is number => typeof item === 'number';

const isTokens = (item: Json | undefined): item is readonly number[] =>
  Array.isArray(item) && item.length > 0 && (item as readonly Json[]).every(isNumber);
