/** Reads the usage that an answer reports, whichever of OpenAI's shapes it has. */
import { isObject, type Json, type JsonObject } from '../core/json.ts';

/** What was reported, made disjoint as `Usage` says; a member is undefined where nothing was said. */
export interface Reported {
  readonly inputTokens: number | undefined;
  readonly cachedInputTokens: number;
  readonly outputTokens: number | undefined;
  readonly reasoningTokens: number;
}

/**
 * The usage in a whole body or in one stream event; undefined when it has none. Knows chat,
 * completions, embeddings, responses (also inside a `response.completed` event), Groq's `x_groq`,
 * and llama.cpp's `timings` where `usage` is missing.
 */
export function reportedUsage(body: JsonObject): Reported | undefined {
  const usage = body['usage'];
  if (isObject(usage)) return readUsage(usage);
  const response = body['response'];
  if (isObject(response) && isObject(response['usage'])) return readUsage(response['usage']);
  const groq = body['x_groq'];
  if (isObject(groq) && isObject(groq['usage'])) return readUsage(groq['usage']);
  const timings = body['timings'];
  return isObject(timings) ? readTimings(timings) : undefined;
}

function readUsage(usage: JsonObject): Reported {
  const input = tokens(usage['prompt_tokens']) ?? tokens(usage['input_tokens']);
  const output = tokens(usage['completion_tokens']) ?? tokens(usage['output_tokens']);
  const cached =
    detail(usage, 'prompt_tokens_details', 'input_tokens_details', 'cached_tokens') ??
    // DeepSeek's name for it.
    tokens(usage['prompt_cache_hit_tokens']) ??
    0;
  const reasoning =
    detail(usage, 'completion_tokens_details', 'output_tokens_details', 'reasoning_tokens') ?? 0;
  return {
    inputTokens: withCached(input, cached),
    cachedInputTokens: cached,
    outputTokens: withReasoning({ input, output, reasoning, total: tokens(usage['total_tokens']) }),
    reasoningTokens: reasoning,
  };
}

/** Some translators count only what was not cached as input: then the cached part can exceed the whole. */
function withCached(input: number | undefined, cached: number): number | undefined {
  return input !== undefined && cached > input ? input + cached : input;
}

/** xAI counts reasoning beside the completion, OpenAI inside it; only the total tells them apart. */
function withReasoning(said: {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly reasoning: number;
  readonly total: number | undefined;
}): number | undefined {
  const { input = 0, output, reasoning, total } = said;
  if (output === undefined || reasoning === 0) return output;
  const isBeside = reasoning > output || total === input + output + reasoning;
  return isBeside ? output + reasoning : output;
}

function detail(usage: JsonObject, chat: string, responses: string, name: string) {
  const details = usage[chat] ?? usage[responses];
  return isObject(details) ? tokens(details[name]) : undefined;
}

/** llama.cpp: `prompt_n` leaves out what came from the cache. */
function readTimings(timings: JsonObject): Reported | undefined {
  const prompt = tokens(timings['prompt_n']);
  const output = tokens(timings['predicted_n']);
  if (prompt === undefined && output === undefined) return undefined;
  const cached = tokens(timings['cache_n']) ?? 0;
  return {
    inputTokens: prompt === undefined ? undefined : prompt + cached,
    cachedInputTokens: cached,
    outputTokens: output,
    reasoningTokens: 0,
  };
}

function tokens(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Math.round(value)
    : undefined;
}
