/** Chat and text completions in OpenAI's shapes, whole and streamed. */
import { isObject, type Json, type JsonObject } from '../../../src/lib/json.ts';
import type { AnswerBehaviour, UsageMode } from './behaviour.ts';
import { choicesOf, piecesOf, type Reply } from './reply.ts';
import type { OutEvent } from './stream.ts';
import { chatUsage, figuresFor } from './tokens.ts';

export interface Shape {
  readonly body: JsonObject;
  readonly reply: Reply;
  readonly behaviour: AnswerBehaviour;
  readonly id: string;
  readonly model: string;
}

export const CREATED = 1_767_225_600;

export function chatCompletion(shape: Shape): JsonObject {
  const { body, reply, behaviour } = shape;
  const usage = figuresFor(behaviour.usage ?? 'asked', reply.figures);
  return {
    ...head(shape, 'chat.completion'),
    choices: indexes(body).map((index) => wholeChoice(shape, index)),
    ...(usage === undefined ? {} : { usage: chatUsage(usage) }),
    ...behaviour.extra,
  };
}

function wholeChoice(shape: Shape, index: number): JsonObject {
  const { body, reply, behaviour } = shape;
  return {
    index,
    message: message(shape),
    ...(behaviour.sparse ? {} : { logprobs: logprobsOf(body, reply.pieces) }),
    finish_reason: reply.finishReason,
  };
}

function message({ body, reply, behaviour }: Shape): JsonObject {
  const content = reply.calls.length > 0 || reply.refusal !== undefined ? null : reply.text;
  return {
    role: 'assistant',
    content,
    ...(behaviour.sparse ? {} : { refusal: reply.refusal ?? null, annotations: [] }),
    ...(reply.reasoning === undefined ? {} : { reasoning_content: reply.reasoning }),
    ...(reply.calls.length === 0 ? {} : calls(body, reply)),
  };
}

function calls(body: JsonObject, reply: Reply): JsonObject {
  const [first] = reply.calls;
  if (body['functions'] !== undefined && first !== undefined)
    return { function_call: { name: first.name, arguments: first.arguments } };
  return {
    tool_calls: reply.calls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: call.arguments },
    })),
  };
}

const logprob = (token: string, rank: number): JsonObject => ({
  token,
  logprob: -0.125 * (rank + 1),
  bytes: [...Buffer.from(token)],
});

function logprobsOf(body: JsonObject, pieces: readonly string[]): JsonObject | null {
  if (body['logprobs'] !== true) return null;
  const top = typeof body['top_logprobs'] === 'number' ? body['top_logprobs'] : 0;
  return {
    content: pieces.map((token) => {
      const top_logprobs = Array.from({ length: top }, (_, rank) => logprob(token, rank));
      return Object.assign(logprob(token, 0), { top_logprobs });
    }),
    refusal: null,
  };
}

export function chatChunks(shape: Shape): readonly OutEvent[] {
  const every = indexes(shape.body);
  const chunks = chatDeltas(shape).flatMap((delta) =>
    every.map((index) => chunkChoice(shape, index, delta)),
  );
  const ends = every.map((index) => {
    const finish = { finish_reason: shape.reply.finishReason };
    return Object.assign(chunkChoice(shape, index, quiet({})), finish);
  });
  return streamed(shape, 'chat.completion.chunk', [...chunks, ...ends]);
}

function chunkChoice(
  { body, behaviour }: Shape,
  index: number,
  { delta, piece }: Delta,
): JsonObject {
  const logprobs = piece === '' ? null : logprobsOf(body, [piece]);
  return { index, delta, ...(behaviour.sparse ? {} : { logprobs }), finish_reason: null };
}

interface Delta {
  readonly delta: JsonObject;
  readonly piece: string;
}

const quiet = (delta: JsonObject): Delta => ({ delta, piece: '' });

function chatDeltas({ body, reply, behaviour }: Shape): readonly Delta[] {
  const first = { role: 'assistant', content: reply.calls.length > 0 ? null : '' };
  return [
    quiet(behaviour.sparse ? first : { ...first, refusal: null }),
    ...piecesOf(reply.reasoning ?? '').map((piece) => quiet({ reasoning_content: piece })),
    ...piecesOf(reply.refusal ?? '').map((piece) => quiet({ refusal: piece })),
    ...(reply.calls.length > 0 ? callDeltas(body, reply).map(quiet) : []),
    ...(reply.text === '' ? [] : reply.pieces).map((piece) => ({
      delta: { content: piece },
      piece,
    })),
  ];
}

/** Names first, then the arguments in pieces, those of parallel calls interleaved. */
function callDeltas(body: JsonObject, reply: Reply): readonly JsonObject[] {
  const pieces = reply.calls.map((call) => call.arguments.match(/.{1,5}/gs) ?? []);
  const rounds = Math.max(...pieces.map((list) => list.length));
  if (body['functions'] !== undefined) {
    const name = reply.calls[0]?.name ?? '';
    return [
      { function_call: { name, arguments: '' } },
      ...(pieces[0] ?? []).map((piece) => ({ function_call: { arguments: piece } })),
    ];
  }
  const openings = reply.calls.map((call, index) => ({
    tool_calls: [
      { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } },
    ],
  }));
  const rest = Array.from({ length: rounds }, (_, round) =>
    pieces.flatMap((list, index) => {
      const piece = list[round];
      return piece === undefined
        ? []
        : [{ tool_calls: [{ index, function: { arguments: piece } }] }];
    }),
  );
  return [...openings, ...rest.flat()];
}

export function textCompletion(shape: Shape): JsonObject {
  const { body, reply, behaviour } = shape;
  const usage = figuresFor(behaviour.usage ?? 'asked', reply.figures);
  return {
    ...head(shape, 'text_completion'),
    choices: indexes(body).map((index) => ({
      text: reply.text,
      index,
      logprobs: null,
      finish_reason: reply.finishReason,
    })),
    ...(usage === undefined ? {} : { usage: chatUsage(usage) }),
    ...behaviour.extra,
  };
}

export function textChunks(shape: Shape): readonly OutEvent[] {
  const { body, reply } = shape;
  const choices = reply.pieces.flatMap((text) =>
    indexes(body).map((index) => ({ text, index, logprobs: null, finish_reason: null })),
  );
  const ends = indexes(body).map((index) => ({
    text: '',
    index,
    logprobs: null,
    finish_reason: reply.finishReason,
  }));
  return streamed(shape, 'text_completion', [...choices, ...ends]);
}

/** Wraps choices in chunks; adds the usage according to the mode, and `[DONE]`. */
function streamed(
  shape: Shape,
  object: string,
  choices: readonly JsonObject[],
): readonly OutEvent[] {
  const { body, behaviour } = shape;
  const mode = behaviour.usage ?? 'asked';
  const figures = figuresFor(mode, shape.reply.figures);
  const usage = figures === undefined ? undefined : chatUsage(figures);
  const asked =
    isObject(body['stream_options']) && body['stream_options']['include_usage'] === true;
  const inChunks = chunkUsage(mode, asked, usage);
  const chunk = (list: readonly Json[]): JsonObject => ({
    ...head(shape, object),
    choices: list,
    ...(inChunks === undefined ? {} : { usage: inChunks }),
    ...behaviour.extra,
  });
  const atEnd = usage !== undefined && mode !== 'every-chunk' && (asked || mode === 'always');
  return [
    ...choices.map((choice) => ({ data: chunk([choice]) })),
    ...(atEnd ? [{ data: { ...chunk([]), usage } }] : []),
    { data: '[DONE]' },
  ];
}

function chunkUsage(
  mode: UsageMode,
  asked: boolean,
  usage: JsonObject | undefined,
): Json | undefined {
  if (mode === 'every-chunk') return usage;
  return asked && mode !== 'none' ? null : undefined;
}

function head({ id, model, behaviour }: Shape, object: string): JsonObject {
  return {
    id,
    object,
    created: CREATED,
    model,
    ...(behaviour.sparse ? {} : { service_tier: 'default', system_fingerprint: 'fp_mock' }),
    ...behaviour.override,
  };
}

const indexes = (body: JsonObject): readonly number[] =>
  Array.from({ length: choicesOf(body) }, (_, index) => index);
