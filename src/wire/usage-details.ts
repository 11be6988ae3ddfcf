/** What a usage object says beyond sums of tokens: kinds with prices of their own, fees by the call, and the bill itself. */
import type { UsageDetails } from '../core/record.ts';
import { isObject, objectsIn, type Json, type JsonObject } from '../lib/json.ts';
import type { Writable } from '../lib/writable.ts';

/** No request has more: the largest windows are of 10 million tokens. */
const MOST_TOKENS = 20_000_000;
/** No single answer costs more, in USD; the dearest full window is under 1,000. */
const MOST_USD = 10_000;
/** xAI bills in ticks of 1e-10 USD. */
const USD_PER_TICK = 1e-10;

/** A whole number of tokens that can be true. */
export function tokens(value: Json | undefined): number | undefined {
  return isNumber(value) && value >= 0 && value <= MOST_TOKENS ? Math.round(value) : undefined;
}

/** The first of these members that is a number of tokens. */
export function first(from: JsonObject, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const count = tokens(from[name]);
    if (count !== undefined) return count;
  }
  return undefined;
}

/** Details of the input and of the output, in the names of chat, of responses and images, and of transcriptions. */
export const inputDetails = (usage: JsonObject): JsonObject =>
  member(usage, 'prompt_tokens_details', 'input_tokens_details', 'input_token_details');
export const outputDetails = (usage: JsonObject): JsonObject =>
  member(usage, 'completion_tokens_details', 'output_tokens_details', 'output_token_details');

function member(from: JsonObject, ...names: readonly string[]): JsonObject {
  for (const name of names) {
    const value = from[name];
    if (isObject(value)) return value;
  }
  return {};
}

/** Undefined where nothing but text was used. `body` is searched for calls of tools that cost a fee. */
export function usageDetails(usage: JsonObject, body: JsonObject): UsageDetails | undefined {
  const input = inputDetails(usage);
  const output = outputDetails(usage);
  const cached = member(input, 'cached_tokens_details');
  const said: Writable<UsageDetails> = {};
  let isSaid = false;
  const add = (name: keyof UsageDetails, count: number | undefined): void => {
    if (count === undefined || count <= 0) return;
    said[name] = count;
    isSaid = true;
  };
  add('inputAudioTokens', first(input, 'audio_tokens'));
  add('inputImageTokens', first(input, 'image_tokens'));
  add('cachedAudioTokens', first(cached, 'audio_tokens'));
  add('cacheWrite1hTokens', first(member(usage, 'cache_creation'), 'ephemeral_1h_input_tokens'));
  add('outputAudioTokens', first(output, 'audio_tokens'));
  add('outputImageTokens', first(output, 'image_tokens'));
  add('webSearches', searches(usage) ?? searchCalls(body));
  if (usage['type'] === 'duration') add('audioSeconds', first(usage, 'seconds'));
  return isSaid ? said : undefined;
}

/** Anthropic's and OpenRouter's count, then Perplexity's. */
const searches = (usage: JsonObject): number | undefined =>
  first(member(usage, 'server_tool_use'), 'web_search_requests') ??
  first(usage, 'web_search_requests', 'num_search_queries');

/** OpenAI's responses have no count: their output has an item for each. */
function searchCalls(body: JsonObject): number {
  const response = isObject(body['response']) ? body['response'] : body;
  return objectsIn(response['output']).filter(({ type }) => type === 'web_search_call').length;
}

/**
 * USD that the upstream says it charges: OpenRouter's and LiteLLM's `cost` (with what the caller's own provider account
 * is charged, where that one is used), Perplexity's sum, DeepInfra's estimate, xAI's ticks.
 */
export function chargedUsd(usage: JsonObject): number | undefined {
  const cost = usage['cost'] ?? usage['total_cost'];
  const total = isObject(cost) ? cost['total_cost'] : cost;
  const ticks = usage['cost_in_usd_ticks'];
  const said = total ?? usage['estimated_cost'];
  if (said === undefined || said === null) {
    return isNumber(ticks) ? plausibleUsd(ticks * USD_PER_TICK) : undefined;
  }
  if (usage['is_byok'] !== true) return plausibleUsd(said);
  // The router's fee alone says nothing of the bill.
  const upstream = plausibleUsd(member(usage, 'cost_details')['upstream_inference_cost']);
  const fee = plausibleUsd(said);
  return upstream === undefined || fee === undefined ? undefined : upstream + fee;
}

const plausibleUsd = (value: Json | undefined): number | undefined =>
  isNumber(value) && value >= 0 && value <= MOST_USD ? value : undefined;

/** Whether a count of tokens or a cost, here or one level down, cannot be true. */
export function isImplausible(usage: JsonObject): boolean {
  for (const name in usage) {
    const value = usage[name];
    if (isFalse(name, value) || (isObject(value) && hasFalse(value))) return true;
  }
  return false;
}

function hasFalse(level: JsonObject): boolean {
  for (const name in level) if (isFalse(name, level[name])) return true;
  return false;
}

function isFalse(name: string, value: Json | undefined): boolean {
  const isCount = name.endsWith('tokens');
  if (typeof value !== 'number') return isCount && typeof value === 'string';
  if (name.endsWith('cost')) return plausibleUsd(value) === undefined;
  return isCount && tokens(value) === undefined;
}

const isNumber = (value: Json | undefined): value is number =>
  typeof value === 'number' && Number.isFinite(value);
