/** Reads one choice of a chat answer or chunk, in the words of every server that speaks OpenAI's API. */
import { isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';

/** What one chunk adds to an answer, or what a whole answer says. Texts are empty where nothing was said. */
export interface ChatChoice {
  readonly reasoning: string;
  readonly text: string;
  /** Of `text`, each token as OpenAI's schema of an output text wants it. */
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
}

/** The choice with index 0; undefined where the body has none. */
export function firstChoice(body: JsonObject): ChatChoice | undefined {
  const choice = objectsIn(body['choices']).find(({ index }) => (index ?? 0) === 0);
  if (choice === undefined) return undefined;
  const given = choice['delta'] ?? choice['message'];
  const said = isObject(given) ? given : {};
  const finish = choice['finish_reason'];
  return {
    // `reasoning_content` (llama.cpp, SGLang) or `reasoning` (Ollama, vLLM, LM Studio).
    reasoning: textIn(said['reasoning_content'] ?? said['reasoning']),
    text: contentText(said['content']),
    logprobs: logprobsOf(choice['logprobs']),
    refusal: textIn(said['refusal']),
    calls: callPieces(said),
    finishReason: typeof finish === 'string' ? finish : undefined,
  };
}

/** A string, or the parts that a few servers send. */
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

/** `function_call` is how old servers say it. */
function callPieces(said: JsonObject): readonly CallPiece[] {
  const old = said['function_call'];
  if (isObject(old)) return [callPiece({ function: old }, 0)];
  return objectsIn(said['tool_calls']).map(callPiece);
}

function callPiece(piece: JsonObject, position: number): CallPiece {
  const called = isObject(piece['function']) ? piece['function'] : {};
  const args = called['arguments'];
  return {
    index: typeof piece['index'] === 'number' ? piece['index'] : position,
    id: textIn(piece['id']),
    name: textIn(called['name']),
    // Some servers send the parsed object where the contract has its text.
    args: isObject(args) ? JSON.stringify(args) : textIn(args),
  };
}
