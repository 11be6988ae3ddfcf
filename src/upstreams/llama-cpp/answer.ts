/** Writes results in OpenAI's shapes, whole and as server-sent events. */
import type { Call } from '../../core/call.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Answer, StreamEvent } from '../../core/upstream.ts';
import type { Embedded, Generated } from './protocol.ts';

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

export const streamed = (events: AsyncIterator<StreamEvent>): Answer => ({
  kind: 'stream',
  headers: STREAM_HEADERS,
  events,
});

/** What all chunks of one answer share, so that clients can put them together. */
interface Envelope {
  readonly id: string;
  readonly created: number;
  readonly model: string;
}

function envelope(call: Call, model: string): Envelope {
  const prefix = call.operation === 'chat' ? 'chatcmpl' : 'cmpl';
  return { id: `${prefix}-${call.id}`, created: Math.floor(call.receivedAtMs / 1000), model };
}

const usage = ({ promptTokens, outputTokens, cachedTokens }: Generated): JsonObject => ({
  prompt_tokens: promptTokens,
  completion_tokens: outputTokens,
  total_tokens: promptTokens + outputTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens },
});

/** A whole chat answer or completion. */
export function wholeText(call: Call, model: string, text: string, result: Generated): Answer {
  const { id, created } = envelope(call, model);
  const end = { index: 0, logprobs: null, finish_reason: result.finish };
  return call.operation === 'chat'
    ? whole({
        id,
        object: 'chat.completion',
        created,
        model,
        choices: [{ ...end, message: { role: 'assistant', content: text, refusal: null } }],
        usage: usage(result),
      })
    : whole({
        id,
        object: 'text_completion',
        created,
        model,
        choices: [{ ...end, text }],
        usage: usage(result),
      });
}

const event = (data: JsonObject): StreamEvent => ({
  bytes: Buffer.from(`data: ${JSON.stringify(data)}\n\n`),
  data,
});

const DONE = 'data: [DONE]\n\n';

/** Makes the events of one streamed answer; `ending` gives everything after the last text. */
export interface EventWriter {
  readonly opening: () => readonly StreamEvent[];
  readonly text: (text: string) => StreamEvent;
  readonly ending: (result: Generated) => readonly StreamEvent[];
}

export function eventWriter(call: Call, model: string): EventWriter {
  const { id, created } = envelope(call, model);
  const isChat = call.operation === 'chat';
  const object = isChat ? 'chat.completion.chunk' : 'text_completion';
  const usageIn = call.wantsUsage ? { usage: null } : {};
  const chunk = (content: JsonObject, finish: string | null): StreamEvent =>
    event({
      id,
      object,
      created,
      model,
      choices: [{ index: 0, ...content, logprobs: null, finish_reason: finish }],
      ...usageIn,
    });
  return {
    opening: () =>
      isChat ? [chunk({ delta: { role: 'assistant', content: '', refusal: null } }, null)] : [],
    text: (text) => chunk(isChat ? { delta: { content: text } } : { text }, null),
    ending: (result) => {
      const finish = chunk(isChat ? { delta: {} } : { text: '' }, result.finish);
      const done: StreamEvent = { bytes: Buffer.from(DONE), done: true };
      const counts = usage(result);
      return call.wantsUsage
        ? [finish, event({ id, object, created, model, choices: [], usage: counts }), done]
        : // The caller did not ask for the counts; whoever keeps the record reads them beside the bytes.
          [{ ...finish, data: { ...finish.data, usage: counts } }, done];
    },
  };
}

/** Embeddings as numbers, or as base64 of little-endian 32-bit floats where the caller asks for it. */
export function embeddings(call: Call, model: string, result: Embedded): Answer {
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
