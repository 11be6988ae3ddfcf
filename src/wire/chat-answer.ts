/**
 * Writes answers in OpenAI's shapes, whole and as server-sent events: for upstreams with another protocol, and for members that
 * an upstream leaves out.
 */
import type { Call } from '../core/call.ts';
import type { Answer, EventStream, StreamEvent } from '../core/upstream.ts';
import type { JsonObject } from '../lib/json.ts';
import { spliceJson } from '../lib/json-splice.ts';
import { dataEvent, DONE } from './events.ts';
import { chatUsage, type Figures } from './usage.ts';

const JSON_HEADERS = { 'content-type': 'application/json' } as const;
const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
} as const;

const whole = (body: JsonObject): Answer => ({
  kind: 'whole',
  headers: JSON_HEADERS,
  bytes: Buffer.from(JSON.stringify(body)),
  body,
});

export const streamAnswer = (events: EventStream): Answer => ({
  kind: 'stream',
  headers: STREAM_HEADERS,
  events,
});

/** The members that all chunks of one answer share, so that clients can join them. */
interface Envelope {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

function envelope(call: Call, model: string): Envelope {
  const prefix = call.operation === 'chat' ? 'chatcmpl' : 'cmpl';
  return { id: `${prefix}-${call.id}`, created: Math.floor(call.receivedAtMs / 1000), model };
}

/** How a generated text ended, and its usage. */
export interface TextEnd {
  readonly finish: 'stop' | 'length';
  readonly usage: Figures;
  /** Of a whole answer, in the shape of the call's operation, where the caller asked for them. */
  readonly logprobs?: JsonObject;
}

/** A whole chat answer or completion. */
export function textAnswer(call: Call, model: string, text: string, end: TextEnd): Answer {
  const { id, created } = envelope(call, model);
  const choice = { index: 0, logprobs: end.logprobs ?? null, finish_reason: end.finish };
  const usage = chatUsage(end.usage);
  return call.operation === 'chat'
    ? whole({
        id,
        object: 'chat.completion',
        created,
        model,
        choices: [{ ...choice, message: { role: 'assistant', content: text, refusal: null } }],
        usage,
      })
    : whole({
        id,
        object: 'text_completion',
        created,
        model,
        choices: [{ ...choice, text }],
        usage,
      });
}

/** Makes the events of one streamed answer; `ending` gives the events after the last text. */
export interface TextEvents {
  readonly opening: () => readonly StreamEvent[];
  readonly text: (text: string, logprobs?: JsonObject) => StreamEvent;
  readonly ending: (end: TextEnd) => readonly StreamEvent[];
}

export function textEvents(call: Call, model: string): TextEvents {
  const { id, created } = envelope(call, model);
  const isChat = call.operation === 'chat';
  const object = isChat ? 'chat.completion.chunk' : 'text_completion';
  const usageIn = call.wantsUsage ? { usage: null } : {};
  const chunk = (
    content: JsonObject,
    finish: string | null,
    logprobs: JsonObject | null = null,
  ): StreamEvent =>
    dataEvent({
      id,
      object,
      created,
      model,
      choices: [{ index: 0, ...content, logprobs, finish_reason: finish }],
      ...usageIn,
    });
  return {
    opening: () =>
      isChat ? [chunk({ delta: { role: 'assistant', content: '', refusal: null } }, null)] : [],
    text: (text, logprobs) =>
      chunk(isChat ? { delta: { content: text } } : { text }, null, logprobs),
    ending: (end) => {
      const finish = chunk(isChat ? { delta: {} } : { text: '' }, end.finish);
      const usage = chatUsage(end.usage);
      return call.wantsUsage
        ? [finish, usageChunk({ id, object, created, model }, usage), DONE]
        : // The caller did not ask for usage; the record reads it beside the bytes.
          [{ bytes: finish.bytes, data: { ...finish.data, usage } }, DONE];
    },
  };
}

/**
 * The usage chunk that ends a stream. @param like a chunk of the same stream, for the shared
 * members.
 */
export const usageChunk = (like: JsonObject, usage: JsonObject): StreamEvent =>
  dataEvent({ ...like, choices: [], usage });

/** The same answer with `usage` added; all other bytes unchanged. */
export function withUsageMember(answer: WholeAnswer, usage: JsonObject): WholeAnswer {
  const bytes = spliceJson(Buffer.from(answer.bytes), { usage: JSON.stringify(usage) });
  return { ...answer, bytes, body: { ...answer.body, usage } };
}

type WholeAnswer = Extract<Answer, { kind: 'whole' }>;

export interface EmbeddingResult {
  readonly vectors: readonly Float32Array[];
  readonly promptTokens: number;
}

/** Embeddings as numbers, or as base64 of little-endian 32-bit floats if the caller asks for it. */
export function embeddingsAnswer(call: Call, model: string, result: EmbeddingResult): Answer {
  const asBase64 = call.body['encoding_format'] === 'base64';
  return whole({
    object: 'list',
    data: result.vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: asBase64 ? littleEndian(vector).toString('base64') : [...vector],
    })),
    model,
    usage: { prompt_tokens: result.promptTokens, total_tokens: result.promptTokens },
  });
}

function littleEndian(vector: Float32Array): Buffer {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}
