/** The usage of an answer: read in any of OpenAI's shapes, and written in that of chat or of `/v1/responses`. */
import type { Usage, UsageDetails } from '../core/record.ts';
import { isObject, type Json, type JsonObject } from '../lib/json.ts';
import {
  chargedUsd,
  first,
  inputDetails,
  isImplausible,
  outputDetails,
  tokens,
  usageDetails,
} from './usage-details.ts';
import { usageObject } from './usage-names.ts';

/** The reported usage, made disjoint as `Usage` requires; a member that was not reported is undefined. */
export interface Reported {
  readonly inputTokens: number | undefined;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number | undefined;
  readonly reasoningTokens: number;
  readonly details?: UsageDetails;
  readonly chargedUsd?: number;
  /** Something was said that cannot be true, and is left out. */
  readonly isImplausible?: true;
}

/**
 * The usage in a whole body or in one stream event; undefined when it has none. Knows chat,
 * completions, embeddings, responses (also inside a `response.completed` event), Groq's `x_groq`,
 * Moonshot's choices, other providers' names, and llama.cpp's `timings` where `usage` is missing.
 */
export function reportedUsage(body: JsonObject): Reported | undefined {
  const usage = usageObject(body);
  if (usage !== undefined) return readUsage(usage, body);
  const timings = body['timings'];
  return isObject(timings) ? readTimings(timings) : undefined;
}

/** The tier that served the answer: another than was asked for where that one had no room. */
export function servedTier(body: JsonObject): string | undefined {
  const response = isObject(body['response']) ? body['response'] : body;
  const usage = isObject(response['usage']) ? response['usage'] : {};
  const tier = response['service_tier'] ?? usage['service_tier'];
  return typeof tier === 'string' && tier !== '' ? tier : undefined;
}

/** Sums alone, as most servers of small models say them: nothing else need be looked for. Undefined where there is more. */
function readSums(usage: JsonObject, body: JsonObject): Reported | undefined {
  for (const name in usage) if (!SUMS.has(name)) return undefined;
  const input = tokens(usage['prompt_tokens']);
  const output = tokens(usage['completion_tokens']);
  const total = tokens(usage['total_tokens']);
  const mayHaveMore = 'output' in body || 'response' in body;
  if (input === undefined || output === undefined || total === undefined || mayHaveMore)
    return undefined;
  return {
    inputTokens: input,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    ...withReasoning({ input, output, reasoning: 0, total }),
  };
}

const SUMS: ReadonlySet<string> = new Set(['prompt_tokens', 'completion_tokens', 'total_tokens']);

function readUsage(usage: JsonObject, body: JsonObject): Reported {
  return readSums(usage, body) ?? readAll(usage, body);
}

function readAll(usage: JsonObject, body: JsonObject): Reported {
  const output = tokens(usage['completion_tokens']) ?? tokens(usage['output_tokens']);
  const ofInput = inputDetails(usage);
  // OpenAI's names, then DeepSeek's, Anthropic's and Moonshot's.
  const cached =
    first(ofInput, 'cached_tokens') ??
    first(usage, 'prompt_cache_hit_tokens', 'cache_read_input_tokens', 'cached_tokens') ??
    0;
  const written =
    first(ofInput, 'cache_write_tokens', 'cache_creation_tokens', 'cache_creation_input_tokens') ??
    first(usage, 'cache_creation_input_tokens') ??
    0;
  const input = withCache(usage, cached + written, output);
  const reasoning =
    first(outputDetails(usage), 'reasoning_tokens', 'thinking_tokens') ??
    first(usage, 'reasoning_tokens') ??
    0;
  const total = tokens(usage['total_tokens']);
  const details = usageDetails(usage, body);
  const charged = chargedUsd(usage);
  return {
    inputTokens: input,
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    ...withReasoning({ input, output, reasoning, total }),
    ...(details === undefined ? {} : { details }),
    ...(charged === undefined ? {} : { chargedUsd: charged }),
    ...(isImplausible(usage) ? { isImplausible: true } : {}),
  };
}

/**
 * All input. Anthropic's `input_tokens` leaves out what its cache read and wrote; elsewhere that is part of the input,
 * but for translators that copy the figures: then the parts exceed the whole, or the total says so.
 */
function withCache(
  usage: JsonObject,
  inCache: number,
  output: number | undefined,
): number | undefined {
  const prompt = tokens(usage['prompt_tokens']);
  const input = prompt ?? tokens(usage['input_tokens']);
  // Makers of embeddings say the total alone.
  if (input === undefined) return output === undefined ? tokens(usage['total_tokens']) : undefined;
  const isAnthropic =
    prompt === undefined &&
    (usage['cache_read_input_tokens'] ?? usage['cache_creation_input_tokens'] ?? null) !== null;
  const isBeside =
    isAnthropic || inCache > input || usage['total_tokens'] === input + inCache + (output ?? 0);
  return isBeside ? input + inCache : input;
}

/**
 * All output. OpenAI counts reasoning inside it; xAI beside it, and some servers of Gemini in the total alone: only
 * the total tells.
 */
function withReasoning(said: {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly reasoning: number;
  readonly total: number | undefined;
}): { readonly outputTokens: number | undefined; readonly reasoningTokens: number } {
  const { input = 0, output, reasoning, total = 0 } = said;
  if (output === undefined) return { outputTokens: undefined, reasoningTokens: reasoning };
  const unsaid = total - input - output;
  if (reasoning === 0 && unsaid > 0) {
    return { outputTokens: output + unsaid, reasoningTokens: unsaid };
  }
  const isBeside = reasoning > output || (reasoning > 0 && unsaid === reasoning);
  return { outputTokens: isBeside ? output + reasoning : output, reasoningTokens: reasoning };
}

/** llama.cpp: `prompt_n` excludes cached tokens. */
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

/** The `usage` object of a chat body or chunk, as it stands; undefined where there is none. */
export function usageIn(body: JsonObject): JsonObject | undefined {
  const usage = body['usage'];
  return isObject(usage) ? usage : undefined;
}

/** Whether the usage of a chat body or chunk says something: numbers, and not 0 alone, as of servers that do not count. */
export function tellsUsage(body: JsonObject): boolean {
  const usage = usageIn(body);
  if (usage === undefined) return false;
  let tells = false;
  for (const name in usage) {
    if (!name.endsWith('tokens')) continue;
    if (typeof usage[name] === 'string') return false;
    tells ||= Number(usage[name]) > 0;
  }
  return tells;
}

/**
 * Also true for null: servers put `usage: null` into every other chunk of a stream that ends with
 * usage.
 */
export const hasUsageMember = (data: JsonObject): boolean => data['usage'] !== undefined;

/** True for a chat chunk with usage only: the one that `stream_options.include_usage` asks for. */
export function isUsageChunk(data: JsonObject): boolean {
  const choices = data['choices'];
  return isObject(data['usage']) && Array.isArray(choices) && choices.length === 0;
}

/** The prompt's tokens, as a chat body reports them; undefined when it reports none. */
export function promptTokens(body: JsonObject): number | undefined {
  const count = usageIn(body)?.['prompt_tokens'];
  return typeof count === 'number' ? count : undefined;
}

/** The usage written into an answer; without `reasoningTokens` if reasoning was not counted apart. */
export type Figures = Omit<Usage, 'source' | 'reasoningTokens'> & {
  readonly reasoningTokens?: number;
};

/** In the shape of `/v1/chat/completions`. */
export const chatUsage = (used: Figures): JsonObject => ({
  prompt_tokens: used.inputTokens,
  completion_tokens: used.outputTokens,
  total_tokens: used.inputTokens + used.outputTokens,
  prompt_tokens_details: {
    cached_tokens: used.cachedInputTokens,
    ...(used.cacheWriteTokens ? { cache_write_tokens: used.cacheWriteTokens } : {}),
  },
  ...(used.reasoningTokens === undefined
    ? {}
    : { completion_tokens_details: { reasoning_tokens: used.reasoningTokens } }),
});

/** In the shape of `/v1/responses`. */
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

/** In the words of `/v1/messages`: its input is what the cache had no part in. */
export const messagesUsage = (used: Figures): JsonObject => {
  const written = used.cacheWriteTokens ?? 0;
  return {
    input_tokens: Math.max(0, used.inputTokens - used.cachedInputTokens - written),
    cache_creation_input_tokens: written,
    cache_read_input_tokens: used.cachedInputTokens,
    output_tokens: used.outputTokens,
  };
};

/** Chat's `usage` object in the words of `/v1/messages`; what is no whole number is 0 there. */
export const messagesUsageOf = (usage: JsonObject): JsonObject => messagesUsage(figuresOf(usage));

function figuresOf(usage: JsonObject): Figures {
  const ofInput = usage['prompt_tokens_details'];
  return {
    inputTokens: whole(usage['prompt_tokens']),
    cachedInputTokens: detail(ofInput, 'cached_tokens'),
    cacheWriteTokens: detail(ofInput, 'cache_write_tokens'),
    outputTokens: whole(usage['completion_tokens']),
    reasoningTokens: detail(usage['completion_tokens_details'], 'reasoning_tokens'),
  };
}

/** Chat's `usage` object in the words of `/v1/responses`; what is no whole number is 0 there. */
export function responsesUsageOf(usage: JsonObject): JsonObject {
  const written = responsesUsage(figuresOf(usage));
  const total = whole(usage['total_tokens']);
  return total === 0 ? written : { ...written, total_tokens: total };
}

const whole = (value: Json | undefined): number => (Number.isInteger(value) ? Number(value) : 0);

const detail = (details: Json | undefined, name: string): number =>
  isObject(details) ? whole(details[name]) : 0;
