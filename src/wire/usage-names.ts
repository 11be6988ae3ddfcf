/** Where providers put the usage of an answer, and what they call its members. */
import { isObject, objectsIn, type JsonObject } from '../lib/json.ts';

/** Other names of OpenAI's members: Gemini's two spellings, Bedrock's, SambaNova's, Ollama's own API. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  prompt_tokens: [
    'promptTokenCount',
    'prompt_token_count',
    'inputTokens',
    'promptTokens',
    'prompt_tokens_count',
    'prompt_eval_count',
  ],
  completion_tokens: [
    'candidatesTokenCount',
    'candidates_token_count',
    'outputTokens',
    'completionTokens',
    'completion_tokens_count',
    'eval_count',
  ],
  total_tokens: ['totalTokenCount', 'total_token_count', 'totalTokens', 'total_tokens_count'],
};
const CACHED = ['cachedContentTokenCount', 'cached_content_token_count', 'cacheReadInputTokens'];
const WRITTEN = ['cacheWriteInputTokens'];
const REASONING = ['thoughtsTokenCount', 'thoughts_token_count'];

/** The usage object of a body or a stream event; undefined where there is none. */
export function usageObject(body: JsonObject): JsonObject | undefined {
  // `message`: the first event of a `/v1/messages` stream.
  const inside = [body, body['response'], body['message'], body['x_groq'], body['data']];
  const found = firstUsage(inside) ?? ofChoices(body);
  if (found !== undefined) return found;
  const metadata = body['usageMetadata'] ?? body['usage_metadata'] ?? billed(body);
  if (isObject(metadata)) return openaiNames(metadata);
  return 'prompt_eval_count' in body ? openaiNames(body) : lengthOfSound(body);
}

/** `verbose_json` says how long the sound was, and servers of Whisper often nothing else that could be charged. */
function lengthOfSound({ task, duration }: JsonObject): JsonObject | undefined {
  const isSound = (task === 'transcribe' || task === 'translate') && typeof duration === 'number';
  return isSound ? { type: 'duration', seconds: Math.ceil(duration) } : undefined;
}

function firstUsage(places: readonly unknown[]): JsonObject | undefined {
  for (const place of places) {
    if (isObject(place) && isObject(place['usage'])) return openaiNames(place['usage']);
  }
  return undefined;
}

function ofChoices(body: JsonObject): JsonObject | undefined {
  for (const choice of objectsIn(body['choices'])) {
    const found = firstUsage([choice, choice['delta'], choice['message']]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Cohere's, whose bill counts other tokens than the model. */
const billed = ({ meta }: JsonObject): unknown =>
  isObject(meta) ? (meta['tokens'] ?? meta['billed_units']) : undefined;

/** Unchanged where OpenAI's or Anthropic's names are there. */
function openaiNames(usage: JsonObject): JsonObject {
  if ('prompt_tokens' in usage || 'input_tokens' in usage) return usage;
  const inner = usage['tokens'] ?? usage['billed_units'];
  if (isObject(inner)) return inner;
  const members = Object.entries(NAMES).map(([name, others]) => [name, valueOf(usage, others)]);
  const ofInput = [
    ['cached_tokens', valueOf(usage, CACHED)],
    ['cache_write_tokens', valueOf(usage, WRITTEN)],
  ];
  return {
    prompt_tokens_details: defined(ofInput),
    completion_tokens_details: defined([['reasoning_tokens', valueOf(usage, REASONING)]]),
    ...usage,
    ...defined(members),
  };
}

const valueOf = (usage: JsonObject, names: readonly string[]) =>
  usage[names.find((name) => usage[name] !== undefined) ?? ''];

const defined = (members: readonly (readonly unknown[])[]): JsonObject =>
  Object.fromEntries(members.filter(([, value]) => value !== undefined));
