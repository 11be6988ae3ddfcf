/** The body for one upstream: the caller's own bytes, with only the necessary changes. */
import type { Call } from '../../core/call.ts';
import { foundOf, type LargeBody } from '../../core/large-body.ts';
import { isObject, type Json } from '../../lib/json.ts';
import { spliceJson, splicedPieces } from '../../lib/json-splice.ts';
import { rewriteAll, type Members, type Rewrite } from '../dialects/rewrites.ts';

/** Operations that have `stream_options.include_usage`. */
const COMPLETIONS: ReadonlySet<Call['operation']> = new Set(['chat', 'text_completion'] as const);

export interface BodyOptions {
  readonly model: string;
  readonly rewrites: readonly Rewrite[];
  /** Ask for the usage chunk, whether the caller did or not: the record needs it. */
  readonly asksUsage: boolean;
  /** Told what the rewrites change, if they change anything. */
  readonly onRewritten?: (changes: Members) => void;
}

/** From here on a body is not copied. */
const IN_PIECES_BYTES = 1_048_576;

export function requestBody(call: Call, options: BodyOptions): Buffer | readonly Buffer[] {
  if (call.operation === 'passthrough') return call.payload;
  const isCompletion = COMPLETIONS.has(call.operation);
  const { rewrites, outline } = foundOf(call) ?? NOTHING_FOUND;
  const rewritten = rewriteAll(options.rewrites, call.body, options.model, rewrites);
  if (rewritten !== undefined) options.onRewritten?.(rewritten);
  const usage = isCompletion && call.stream ? streamOptions(call, options.asksUsage) : undefined;
  const splice = texts({ ...rewritten, ...usage, model: options.model });
  const { payload } = call;
  if (rewritten === undefined && usage === undefined) {
    const sent = withFirstModel(payload, splice['model'] ?? '');
    if (sent !== undefined) return sent;
  }
  return payload.length > IN_PIECES_BYTES
    ? splicedPieces(payload, splice, outline)
    : spliceJson(payload, splice);
}

const NOTHING_FOUND: Partial<LargeBody> = {};

const MODEL_FIRST = Buffer.from('{"model":"');

/**
 * Most clients write the model first: then the rest need not be looked through. A body with a member twice was written anew when it was
 * accepted. Undefined where the model is not first, or written with escapes, and for a long body.
 */
function withFirstModel(payload: Buffer, model: string): Buffer | undefined {
  if (payload.length > IN_PIECES_BYTES || payload.length < MODEL_FIRST.length) return undefined;
  for (let at = 0; at < MODEL_FIRST.length; at += 1)
    if (payload[at] !== MODEL_FIRST[at]) return undefined;
  let end = MODEL_FIRST.length;
  while (end < payload.length && payload[end] !== QUOTE) {
    if (payload[end] === BACKSLASH) return undefined;
    end += 1;
  }
  // before the opening quote, and behind the closing one
  const from = MODEL_FIRST.length - 1;
  const rest = payload.length - end - 1;
  const size = Buffer.byteLength(model);
  const sent = Buffer.allocUnsafe(from + size + rest);
  payload.copy(sent, 0, 0, from);
  sent.write(model, from);
  payload.copy(sent, from + size, end + 1);
  return sent;
}

const QUOTE = 34;
const BACKSLASH = 92;

function streamOptions(call: Call, asksUsage: boolean): Members {
  const asked = call.body['stream_options'];
  const others = isObject(asked) ? asked : {};
  if (asksUsage) return { stream_options: { ...others, include_usage: true } };
  return { stream_options: undefined };
}

function texts(members: Members): Record<string, string | undefined> {
  const splice: Record<string, string | undefined> = {};
  for (const name in members) {
    const value: Json | undefined = members[name];
    splice[name] = value === undefined ? undefined : JSON.stringify(value);
  }
  return splice;
}
