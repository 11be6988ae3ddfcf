/** Reads one choice of a chat answer or chunk, in every variant that OpenAI-compatible servers send. */
import { isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';

/** The content of one chunk or of a whole answer. A text that is absent is empty. */
export interface ChatChoice {
  readonly reasoning: string;
  readonly text: string;
  /** Log probabilities of `text`, each token in the shape of an output text's. */
  readonly logprobs: readonly JsonObject[];
  readonly refusal: string;
  readonly calls: readonly CallPiece[];
  /** Undefined until the choice ends. */
  readonly finishReason: string | undefined;
}

/** One piece of a function call, as chat streams it; the first piece of a call brings its id and name. */
export interface CallPiece {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly args: string;
  /** The call of a custom tool: `args` is its input. */
  readonly isCustom?: true;
}

/** The choice with index 0; undefined if the body has none. */
export function firstChoice(body: JsonObject): ChatChoice | undefined {
  const choice = objectsIn(body['choices']).find(({ index }) => (index ?? 0) === 0);
  if (choice === undefined) return undefined;
  const given = choice['delta'] ?? choice['message'];
  const message = isObject(given) ? given : {};
  const finish = choice['finish_reason'];
  return {
    // `reasoning_content` (llama.cpp, SGLang) or `reasoning` (Ollama, vLLM, LM Studio).
    reasoning: textIn(message['reasoning_content'] ?? message['reasoning']),
    text: contentText(message['content']),
    logprobs: logprobsOf(choice['logprobs']),
    refusal: textIn(message['refusal']),
    calls: callPieces(message),
    finishReason: typeof finish === 'string' ? finish : undefined,
  };
}

/** A string, or the content parts that a few servers send. */
function contentText(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return objectsIn(content)
    .map(({ text }) => textIn(text))
    .join('');
}

const logprobsOf = (logprobs: Json | undefined): readonly JsonObject[] =>
  objectsIn(isObject(logprobs) ? logprobs['content'] : undefined).map((entry) => ({
    token: entry['token'] ?? '',
    logprob: entry['logprob'] ?? 0,
    bytes: entry['bytes'] ?? [],
    top_logprobs: entry['top_logprobs'] ?? [],
  }));

/** Old servers send `function_call`. */
function callPieces(message: JsonObject): readonly CallPiece[] {
  const old = message['function_call'];
  if (isObject(old)) return [callPiece({ function: old }, 0)];
  return objectsIn(message['tool_calls']).map(callPiece);
}

function callPiece(piece: JsonObject, position: number): CallPiece {
  const custom = piece['custom'];
  const called = isObject(piece['function']) ? piece['function'] : {};
  const args = isObject(custom) ? custom['input'] : called['arguments'];
  return {
    index: typeof piece['index'] === 'number' ? piece['index'] : position,
    id: textIn(piece['id']),
    name: textIn(isObject(custom) ? custom['name'] : called['name']),
    // Some servers send the parsed object instead of its JSON text.
    args: isObject(args) ? JSON.stringify(args) : textIn(args),
    ...(isObject(custom) ? { isCustom: true as const } : {}),
  };
}
