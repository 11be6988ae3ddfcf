/** Reads a job from an OpenAI request body. Refuses members that would be ignored silently. */
import { UpstreamError } from '../../core/errors.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { roleOf } from '../../wire/chat-request.ts';
import { enforceableSchema } from './json-schema.ts';
import type { EmbedJob, Format, GenerateJob, Sampling, Turn } from './protocol.ts';

export interface SamplingDefaults {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  /** Of the last tokens, against loops; 1 if not given. Not where the caller sets a penalty, and not in JSON, which repeats its names. */
  readonly repeatPenalty?: number;
  /** Of the answer's end after each of its sentences, in nats; 0 if not given. Neither in JSON nor in a completion, which goes on with a text. */
  readonly endBias?: number;
}

export interface AskOptions {
  readonly sampling: SamplingDefaults;
  /** Used when the caller sets no limit. */
  readonly maxOutputTokens: number;
  /** Begins a conversation without a system message. */
  readonly systemLine?: string;
}

/** OpenAI's own default for `/completions`. */
const COMPLETION_MAX_TOKENS = 16;

const invalid = (param: string, message: string): UpstreamError =>
  new UpstreamError('rejected', message, {
    status: 400,
    wire: { message, type: 'invalid_request_error', param, code: 'invalid_value' },
  });

const unable = (what: string): UpstreamError =>
  new UpstreamError(
    'not_capable',
    `The embedded model has no ${what}: leave it out, or ask another model.`,
  );

/** @throws UpstreamError `rejected` for what no model takes, `not_capable` for what this engine has not */
export function chatJob(body: JsonObject, options: AskOptions): GenerateJob {
  refuseUnable(body);
  refuseToolChoice(body);
  const { messages } = body;
  if (!Array.isArray(messages) || messages.length === 0)
    throw invalid('messages', '"messages" must be a list with at least one message.');
  return {
    kind: 'generate',
    prompt: { kind: 'chat', turns: withSystem(messages.map(turn), options.systemLine) },
    maxTokens:
      count(body['max_completion_tokens'], 'max_completion_tokens') ??
      count(body['max_tokens'], 'max_tokens') ??
      options.maxOutputTokens,
    ...shared(body, options),
    format: format(body['response_format']),
    ...scores(isAsked(body['logprobs']) ? (body['top_logprobs'] ?? 0) : null, 'top_logprobs'),
  };
}

/** @throws UpstreamError as `chatJob` */
export function completionJob(body: JsonObject, options: AskOptions): GenerateJob {
  refuseUnable(body);
  for (const member of ['suffix', 'echo']) if (isSet(body[member])) throw unable(`"${member}"`);
  if (typeof body['best_of'] === 'number' && body['best_of'] > 1) throw unable('"best_of" above 1');
  const { prompt } = body;
  const prompts: readonly (Json | undefined)[] = Array.isArray(prompt) ? prompt : [prompt];
  const text = prompts.length === 1 ? prompts[0] : prompts;
  if (Array.isArray(text)) throw unable('batches or token lists as "prompt"');
  if (typeof text !== 'string') throw invalid('prompt', '"prompt" must be a text.');
  return {
    kind: 'generate',
    prompt: { kind: 'raw', text },
    maxTokens: count(body['max_tokens'], 'max_tokens') ?? COMPLETION_MAX_TOKENS,
    ...shared(body, options),
    format: { kind: 'text' },
    ...scores(body['logprobs'] ?? null, 'logprobs'),
  };
}

/** @throws UpstreamError as `chatJob` */
export function embedJob(body: JsonObject): EmbedJob {
  const { input } = body;
  if (isSet(body['dimensions'])) throw unable('shorter embeddings ("dimensions")');
  const inputs: readonly Json[] = Array.isArray(input) ? input : [input ?? null];
  const texts = inputs.filter((item): item is string => typeof item === 'string');
  if (inputs.length === 0 || texts.length < inputs.length || texts.includes(''))
    throw invalid('input', '"input" must be a text, or a list of texts, none of them empty.');
  return { kind: 'embed', inputs: texts };
}

function refuseUnable(body: JsonObject): void {
  const { n, tools, functions, logit_bias: bias } = body;
  if (typeof n === 'number' && n > 1) throw unable('"n" above 1');
  if (Array.isArray(tools) && tools.length > 0) throw unable('tools');
  if (Array.isArray(functions) && functions.length > 0) throw unable('functions');
  if (isSet(body['logprobs']) && format(body['response_format']).kind !== 'text')
    throw unable('"logprobs" of answers in JSON');
  if (isObject(bias) && Object.keys(bias).length > 0) throw unable('"logit_bias"');
}

/** After `refuseUnable`: there are none. */
function refuseToolChoice({ tool_choice: choice = null }: JsonObject): void {
  if (choice === null || choice === 'none' || choice === 'auto') return;
  throw invalid(
    'tool_choice',
    '"tool_choice" names a tool or asks for one, and there are no "tools".',
  );
}

function shared(
  body: JsonObject,
  { sampling }: AskOptions,
): { sampling: Sampling; stop: string[] } {
  const seed = number(body['seed'], 'seed');
  return {
    sampling: {
      temperature: number(body['temperature'], 'temperature', [0, 2]) ?? sampling.temperature,
      topP: number(body['top_p'], 'top_p', [0, 1]) ?? sampling.topP,
      topK: number(body['top_k'], 'top_k') ?? sampling.topK,
      // llama.cpp's seeds are unsigned 32-bit; OpenAI's are signed 64-bit.
      ...(seed === undefined ? {} : { seed: Math.trunc(seed) >>> 0 }),
      frequencyPenalty: number(body['frequency_penalty'], 'frequency_penalty', [-2, 2]) ?? 0,
      presencePenalty: number(body['presence_penalty'], 'presence_penalty', [-2, 2]) ?? 0,
      repeatPenalty: sampling.repeatPenalty ?? 1,
      endBias: sampling.endBias ?? 0,
    },
    stop: stopTexts(body['stop']),
  };
}

/** OpenAI's own limit of `top_logprobs`. */
const MOST_TOP = 20;

function scores(value: Json, param: string): Pick<GenerateJob, 'scores'> {
  const top = number(value, param);
  if (top === undefined) return {};
  if (!Number.isInteger(top) || top < 0 || top > MOST_TOP)
    throw invalid(param, `"${param}" must be a whole number from 0 to ${MOST_TOP}.`);
  return { scores: { top } };
}

function isAsked(logprobs: Json = null): boolean {
  if (logprobs !== null && typeof logprobs !== 'boolean')
    throw invalid('logprobs', '"logprobs" must be true or false.');
  return logprobs === true;
}

const isSet = (value: Json | undefined): boolean =>
  value !== undefined && value !== null && value !== false && value !== '';

/** @param range OpenAI's own, where it has one */
function number(
  value: Json | undefined,
  param: string,
  range: readonly [low: number, high: number] = [-Infinity, Infinity],
): number | undefined {
  if (value === undefined || value === null) return undefined;
  const [low, high] = range;
  if (typeof value === 'number' && value >= low && value <= high) return value;
  const within = Number.isFinite(low) ? ` from ${low} to ${high}` : '';
  throw invalid(param, `"${param}" must be a number${within}.`);
}

function count(value: Json | undefined, param: string): number | undefined {
  const tokens = number(value, param);
  if (tokens !== undefined && (!Number.isInteger(tokens) || tokens < 1))
    throw invalid(param, `"${param}" must be a whole number of at least 1.`);
  return tokens;
}

function stopTexts(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  const stops: readonly Json[] = Array.isArray(value) ? value : [value];
  const texts = stops.filter((stop): stop is string => typeof stop === 'string' && stop !== '');
  if (texts.length < stops.length)
    throw invalid('stop', '"stop" must be a text, or a list of texts, none of them empty.');
  return texts;
}

function format(value: Json | undefined): Format {
  if (value === undefined || value === null) return { kind: 'text' };
  const { type, json_schema: named = null } = isObject(value) ? value : {};
  if (type === 'text') return { kind: 'text' };
  if (type === 'json_object') return { kind: 'json_object' };
  const schema = isObject(named) ? named['schema'] : undefined;
  if (type === 'json_schema' && isObject(schema))
    return { kind: 'json_schema', schema: enforceableSchema(schema) };
  throw invalid(
    'response_format',
    '"response_format" must be { "type": "text" }, { "type": "json_object" }, or a "json_schema" with a "schema".',
  );
}

const withSystem = (turns: readonly Turn[], line: string | undefined): readonly Turn[] =>
  line === undefined || turns.some(({ role }) => role === 'system')
    ? turns
    : [{ role: 'system', text: line }, ...turns];

function turn(message: Json, index: number): Turn {
  if (!isObject(message)) throw invalid(`messages[${index}]`, 'A message must be an object.');
  const role = roleOf(message);
  if (role === 'tool' || Array.isArray(message['tool_calls']))
    throw unable('tool calls in the conversation');
  if (role === undefined)
    throw invalid(
      `messages[${index}].role`,
      `No message can have the role ${JSON.stringify(message['role'])}.`,
    );
  return { role, text: contentText(message['content'], index) };
}

function contentText(content: Json | undefined, index: number): string {
  if (typeof content === 'string') return content;
  if (content === null || content === undefined) return '';
  if (!Array.isArray(content))
    throw invalid(`messages[${index}].content`, 'The content must be a text or a list of parts.');
  return content
    .map((part: Json) => {
      if (isObject(part) && typeof part['text'] === 'string') return part['text'];
      throw unable('content parts other than text');
    })
    .join('\n');
}
