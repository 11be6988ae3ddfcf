/** The most that one attempt can cost, and the output that is affordable where that is too much. Integer nano-USD, rounded up. */
import type { Call } from '../core/call.ts';
import type { RequestFacts } from '../core/signal.ts';
import { isObject, type JsonObject } from '../lib/json.ts';
import { outputLimit, WRITTEN_IN_TOKENS } from '../core/output-limit.ts';

/** Prices at their dearest, per unit. */
export interface Bound {
  readonly fixedNanoUsd: number;
  readonly outputNanoUsd: number;
  readonly searchNanoUsd: number;
}

export interface WorstCase {
  readonly nanoUsd: number;
  /** Must be written into the request: the caller set no limit, or a larger one. */
  readonly maxTokens?: number;
}

/** Headroom over an estimated input, as for the context window. */
const ESTIMATE_MARGIN = 1.1;
/** An answer that is cut off before this length helps nobody: it is not bought. */
const LEAST_OUTPUT_TOKENS = 256;
/** Searches that a model may make where the caller sets no limit; more are booked in full when they are reported. */
const ASSUMED_SEARCHES = 10;

/** The input tokens that are reserved. */
export const inputOf = ({ inputTokens, inputTokensSource }: RequestFacts): number =>
  inputTokensSource === 'counted' ? inputTokens : Math.ceil(inputTokens * ESTIMATE_MARGIN);

interface Asked {
  readonly call: Call;
  readonly facts: RequestFacts;
  readonly model: string;
}

/** Undefined where not even a short answer is affordable. `leftNanoUsd` may be infinite. */
export function worstCase(
  { call, facts, model }: Asked,
  bound: Bound,
  leftNanoUsd: number,
): WorstCase | undefined {
  const answers = answersOf(call, facts);
  const fixed = bound.fixedNanoUsd + searches(call.body) * bound.searchNanoUsd;
  const writesNothing = facts.operation === 'embeddings' || facts.operation === 'passthrough';
  if (writesNothing) return fits(fixed, leftNanoUsd);
  const perToken = bound.outputNanoUsd * answers;
  const limit = facts.maxTokens > 0 ? facts.maxTokens : outputLimit(model);
  const wanted = limit ?? WRITTEN_IN_TOKENS;
  const whole = Math.ceil(fixed + wanted * perToken);
  if (whole <= leftNanoUsd) {
    return limit === undefined && Number.isFinite(leftNanoUsd)
      ? { nanoUsd: whole, maxTokens: wanted }
      : { nanoUsd: whole };
  }
  const affordable = Math.floor((leftNanoUsd - fixed) / perToken);
  if (!(affordable >= Math.min(wanted, LEAST_OUTPUT_TOKENS))) return undefined;
  return { nanoUsd: Math.ceil(fixed + affordable * perToken), maxTokens: affordable };
}

/** A completion is asked for every prompt of a list, and the best of several is chosen from what is written, and paid for. */
function answersOf({ operation, body }: Call, { n }: RequestFacts): number {
  if (operation !== 'text_completion') return Math.max(1, n);
  const { prompt, best_of: best } = body;
  const prompts = Array.isArray(prompt) && typeof prompt[0] !== 'number' ? prompt.length : 1;
  return Math.max(1, n, typeof best === 'number' ? best : 1) * Math.max(1, prompts);
}

const fits = (nanoUsd: number, leftNanoUsd: number): WorstCase | undefined =>
  nanoUsd <= leftNanoUsd ? { nanoUsd } : undefined;

const isSearch = (type: unknown): boolean =>
  typeof type === 'string' && type.startsWith('web_search');

/** Web searches that the request's tools allow. */
function searches(body: JsonObject): number {
  if (isObject(body['web_search_options'])) return ASSUMED_SEARCHES;
  const tools = body['tools'];
  if (!Array.isArray(tools)) return 0;
  let most = 0;
  for (const tool of tools) {
    if (!isObject(tool) || !isSearch(tool['type'])) continue;
    const uses = tool['max_uses'] ?? body['max_tool_calls'];
    most += typeof uses === 'number' && uses >= 0 ? uses : ASSUMED_SEARCHES;
  }
  return most;
}
