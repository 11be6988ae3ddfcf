/** Why a choice ended, in OpenAI's words, whatever words a server has for it. */
import { isObject, type Json, type JsonObject } from '../lib/json.ts';

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
  ['refusal', 'content_filter'],
  ['error_toxic', 'content_filter'],
  ['model_armor', 'content_filter'],
  ['error_limit', 'length'],
  // OpenAI's own.
  ['stop', 'stop'],
  ['length', 'length'],
  ['tool_calls', 'tool_calls'],
  ['content_filter', 'content_filter'],
  ['function_call', 'function_call'],
  // The absence of a reason, written as a word.
  ['null', ''],
  ['none', ''],
  ['finish_reason_unspecified', ''],
]);

/** An answer that a server gave up, and calls ended: vLLM's, DeepSeek's, Zhipu's and Gemini's words, in lower case. */
const GIVEN_UP: ReadonlySet<string> = new Set([
  'error',
  'abort',
  'aborted',
  'cancelled',
  'insufficient_system_resource',
  'network_error',
  'malformed_function_call',
  'unexpected_tool_call',
]);

const givenReason = (choice: JsonObject): string =>
  (word(choice['finish_reason']) || word(choice['finishReason'])).toLowerCase();

/** The word with which its server gave a choice up: it is no answer. Undefined for every other end. */
export function givenUpAs(choice: JsonObject): string | undefined {
  const given = givenReason(choice);
  return GIVEN_UP.has(given) ? given : undefined;
}

/**
 * Undefined where the choice has not ended. Gemini's endpoint writes `finishReason`, in capitals. A word that is not known says only
 * that it ended: clients with types know OpenAI's alone.
 */
export function finishReasonOf(choice: JsonObject): string | undefined {
  const given = givenReason(choice);
  return given === '' ? undefined : (MEANINGS.get(given) ?? 'stop') || undefined;
}

/** What a choice was, by its end. */
interface Ended {
  /** Tools were called, custom ones too. */
  readonly hasCalled: boolean;
  /** Something was said that is an answer. */
  readonly hasSpoken: boolean;
  /** The caller named the function to call. */
  readonly isCallForced: boolean;
}

/**
 * Agents go on where a reason is `tool_calls`, and end where it is `stop`; some servers say `stop` of every answer, others `tool_calls` of a
 * text. OpenAI itself says `stop` of a call that was forced.
 */
export function reasonOfChoice(
  given: string,
  { hasCalled, hasSpoken, isCallForced }: Ended,
): string {
  if (given === 'stop' && hasCalled && !isCallForced) return 'tool_calls';
  return given === 'tool_calls' && !hasCalled && hasSpoken ? 'stop' : given;
}

const word = (value: Json | undefined): string => (typeof value === 'string' ? value.trim() : '');

/** The caller named the one function to call. */
export const isCallForced = ({ tool_choice: tool, function_call: old }: JsonObject): boolean =>
  isObject(old) || (isObject(tool) && tool['type'] !== 'allowed_tools');
