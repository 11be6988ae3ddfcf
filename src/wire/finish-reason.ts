/** Why a choice ended, in OpenAI's words, whatever words a server has for it. */
import type { Json, JsonObject } from '../lib/json.ts';

/** OpenAI's own words for a tool call, a limit and a filter, and what other APIs call the same, in lower case. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['stop_token', 'stop'],
  ['complete', 'stop'],
  ['completed', 'stop'],
  ['finished', 'stop'],
  ['done', 'stop'],
  ['max_tokens', 'length'],
  ['max_length', 'length'],
  ['max_new_tokens', 'length'],
  ['max_output_tokens', 'length'],
  ['token_limit', 'length'],
  ['model_length', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['tool_call', 'tool_calls'],
  ['tool-calls', 'tool_calls'],
  ['function_calls', 'tool_calls'],
  ['content-filter', 'content_filter'],
  ['content_filtered', 'content_filter'],
  ['sensitive', 'content_filter'],
  ['spii', 'content_filter'],
  ['image_safety', 'content_filter'],
  ['safety', 'content_filter'],
  ['recitation', 'content_filter'],
  ['blocklist', 'content_filter'],
  ['prohibited_content', 'content_filter'],
  // The absence of a reason, written as a word.
  ['null', ''],
  ['none', ''],
  ['finish_reason_unspecified', ''],
]);

/** Undefined where the choice has not ended. Gemini's endpoint writes `finishReason`, in capitals. */
export function finishReasonOf(choice: JsonObject): string | undefined {
  const given = word(choice['finish_reason']) || word(choice['finishReason']);
  if (given === '') return undefined;
  const lower = given.toLowerCase();
  return (MEANINGS.get(lower) ?? lower) || undefined;
}

const word = (value: Json | undefined): string => (typeof value === 'string' ? value.trim() : '');
