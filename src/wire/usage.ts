/** The usage of an answer: read in any of OpenAI's shapes, and written in that of chat or of `/v1/responses`. */
import type { Usage } from '../core/record.ts';
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

/** The `usage` object of a chat body or chunk, as it stands; undefined where there is none. */
export function usageIn(body: JsonObject): JsonObject | undefined {
  const usage = body['usage'];
  return isObject(usage) ? usage : undefined;
}

/** Null counts: servers put it into every other chunk of a stream that ends with usage. */
export const hasUsageMember = (data: JsonObject): boolean => data['usage'] !== undefined;

/** A chat chunk of usage and nothing else: the one that `stream_options.include_usage` asks for. */
export function isUsageChunk(data: JsonObject): boolean {
  const choices = data['choices'];
  return isObject(data['usage']) && Array.isArray(choices) && choices.length === 0;
}

/** The prompt's tokens, as a chat body reports them; undefined when it reports none. */
export function promptTokens(body: JsonObject): number | undefined {
  const count = usageIn(body)?.['prompt_tokens'];
  return typeof count === 'number' ? count : undefined;
}

/** What an answer says that was used; without `reasoningTokens` where reasoning is not told from other output. */
export type Figures = Omit<Usage, 'source' | 'reasoningTokens'> & {
  readonly reasoningTokens?: number;
};

/** In the words of `/v1/chat/completions`. */
export const chatUsage = (used: Figures): JsonObject => ({
  prompt_tokens: used.inputTokens,
  completion_tokens: used.outputTokens,
  total_tokens: used.inputTokens + used.outputTokens,
  prompt_tokens_details: { cached_tokens: used.cachedInputTokens },
  ...(used.reasoningTokens === undefined
    ? {}
    : { completion_tokens_details: { reasoning_tokens: used.reasoningTokens } }),
});

/** In the words of `/v1/responses`. */
export const responsesUsage = (used: Figures): JsonObject => ({
  input_tokens: used.inputTokens,
  input_tokens_details: {
    cached_tokens: used.cachedInputTokens,
    cache_write_tokens: used.cacheWriteTokens ?? 0,
  },
  output_tokens: used.outputTokens,
  output_tokens_details: { reasoning_tokens: used.reasoningTokens ?? 0 },
  total_tokens: used.inputTokens + used.outputTokens,
});

/** Chat's `usage` object in the words of `/v1/responses`; what is no whole number is 0 there. */
export function responsesUsageOf(usage: JsonObject): JsonObject {
  const ofInput = usage['prompt_tokens_details'];
  const written = responsesUsage({
    inputTokens: whole(usage['prompt_tokens']),
    cachedInputTokens: detail(ofInput, 'cached_tokens'),
    cacheWriteTokens: detail(ofInput, 'cache_write_tokens'),
    outputTokens: whole(usage['completion_tokens']),
    reasoningTokens: detail(usage['completion_tokens_details'], 'reasoning_tokens'),
  });
  const total = whole(usage['total_tokens']);
  return total === 0 ? written : { ...written, total_tokens: total };
}

const whole = (value: Json | undefined): number => (Number.isInteger(value) ? Number(value) : 0);

const detail = (details: Json | undefined, name: string): number =>
  isObject(details) ? whole(details[name]) : 0;
