/** The body for one upstream: the caller's own bytes, with only the necessary changes. */
import type { Call } from '../../core/call.ts';
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
}

/** From here on a body is not copied. */
const IN_PIECES_BYTES = 1_048_576;

export function requestBody(call: Call, options: BodyOptions): Buffer | readonly Buffer[] {
  if (call.operation === 'passthrough') return call.payload;
  const isCompletion = COMPLETIONS.has(call.operation);
  const rewritten = rewriteAll(options.rewrites, call.body, options.model);
  const usage = isCompletion && call.stream ? streamOptions(call, options.asksUsage) : undefined;
  const splice = texts({ ...rewritten, ...usage, model: options.model });
  const { payload } = call;
  return payload.length > IN_PIECES_BYTES
    ? splicedPieces(payload, splice)
    : spliceJson(payload, splice);
}

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
