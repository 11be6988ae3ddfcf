/** A chat upstream that answers from a script, and keeps its requests. */
import { NO_WAITING } from '../../src/core/deadline.ts';
import type { Call } from '../../src/core/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import type { Capability } from '../../src/core/signal.ts';
import type { StreamEvent, Upstream, UpstreamRequest } from '../../src/core/upstream.ts';

/** A whole answer, or the chunks of a streamed one; an error is thrown at its position. */ import { scriptedEvents } from './event-streams.ts';

export type Script =
  | { readonly whole: JsonObject }
  | { readonly chunks: readonly (JsonObject | Error | 'comment')[] };

export interface ScriptedChat extends Upstream {
  readonly asked: UpstreamRequest[];
  /** How many streams were left before their end. */
  closed(): number;
}

export function scriptedChat(
  script: Script | ((request: UpstreamRequest) => Script),
  capabilities: readonly Capability[] = ['chat', 'tools'],
): ScriptedChat {
  const asked: UpstreamRequest[] = [];
  let closed = 0;
  return {
    name: 'small',
    kind: 'scripted',
    locality: 'local',
    asked,
    closed: () => closed,
    facts: () => ({
      locality: 'local',
      model: 'm',
      models: ['m'],
      capabilities: new Set(capabilities),
    }),
    // Async, so that a script that throws gives a rejected promise.
    async send(request) {
      asked.push(request);
      const now = typeof script === 'function' ? script(request) : script;
      if ('whole' in now) {
        const bytes = Buffer.from(JSON.stringify(now.whole));
        return { kind: 'whole', headers: {}, bytes, body: now.whole };
      }
      const events = scriptedEvents(now.chunks.map(eventOf), () => (closed += 1));
      return { kind: 'stream', headers: {}, events };
    },
    probe: () => Promise.resolve({ ok: true, detail: 'scripted' }),
    close: () => Promise.resolve(),
  };
}

function eventOf(chunk: JsonObject | Error | 'comment'): StreamEvent | Error {
  if (chunk instanceof Error) return chunk;
  if (chunk === 'comment') return { bytes: Buffer.from(': wait\n\n') };
  return { bytes: Buffer.from(`data: ${JSON.stringify(chunk)}\n\n`), data: chunk };
}

/** A chat completion whose message is `message`. */
export const completion = (message: JsonObject, finish = 'stop'): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'answered-model',
  choices: [
    { index: 0, message: { role: 'assistant', ...message }, logprobs: null, finish_reason: finish },
  ],
  usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
});

/** A chat chunk of the first choice. */
export const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'answered-model',
  choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
});

export const usageChunk: JsonObject = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'answered-model',
  choices: [],
  usage: {
    prompt_tokens: 11,
    completion_tokens: 7,
    total_tokens: 18,
    prompt_tokens_details: { cached_tokens: 3 },
    completion_tokens_details: { reasoning_tokens: 2 },
  },
};

/** A `/v1/responses` call as the gateway makes it. */
export function responsesCall(body: JsonObject, caller = 'alice'): Call {
  return {
    id: 'req-1',
    operation: 'responses',
    method: 'POST',
    path: '/responses',
    requestedModel: 'auto',
    stream: body['stream'] === true,
    wantsUsage: false,
    body,
    payload: Buffer.from(JSON.stringify(body)),
    contentType: 'application/json',
    forwardHeaders: {},
    caller: { name: caller, labels: {}, mayOverride: true },
    receivedAtMs: 0,
    startedMs: 0,
    stateDeadline: NO_WAITING,
  };
}
