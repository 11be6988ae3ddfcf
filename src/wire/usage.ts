/** Reads the usage that an answer reports, whichever of OpenAI's shapes it has. */
import { isObject, type Json, type JsonObject } from '../lib/json.ts';

/** What was reported, made disjoint as `Usage` says; a member is undefined where nothing was said. */
export interface Reported {
  readonly inputTokens: number | undefined;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
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
  const ofInput = member(usage, 'prompt_tokens_details', 'input_tokens_details');
  const ofOutput = member(usage, 'completion_tokens_details', 'output_tokens_details');
  // OpenAI's names, then DeepSeek's and Anthropic's.
  const cached =
    first(ofInput, 'cached_tokens') ??
    first(usage, 'prompt_cache_hit_tokens', 'cache_read_input_tokens') ??
    0;
  const written =
    first(ofInput, 'cache_write_tokens', 'cache_creation_tokens') ??
    first(usage, 'cache_creation_input_tokens') ??
    0;
  const reasoning = first(ofOutput, 'reasoning_tokens') ?? 0;
  return {
    inputTokens: withCache(input, cached + written),
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: withReasoning({ input, output, reasoning, total: tokens(usage['total_tokens']) }),
    reasoningTokens: reasoning,
  };
}

/** Anthropic counts as input only what the cache had no part in: then the parts can exceed the whole. */
function withCache(input: number | undefined, inCache: number): number | undefined {
  return input !== undefined && inCache > input ? input + inCache : input;
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

function member(usage: JsonObject, chat: string, responses: string): JsonObject {
  const details = usage[chat] ?? usage[responses];
  return isObject(details) ? details : {};
}

function first(from: JsonObject, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const count = tokens(from[name]);
    if (count !== undefined) return count;
  }
  return undefined;
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
    cacheWriteTokens: 0,
    outputTokens: output,
    reasoningTokens: 0,
  };
}

function tokens(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
    ? Math.round(value)
    : undefined;
}
