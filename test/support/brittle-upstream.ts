/** An upstream that answers every operation, or fails in any possible way, and counts what reached it. */
import type { Operation } from '../../src/core/call.ts';
import type { Locality, UpstreamFacts } from '../../src/core/decision.ts';
import { UpstreamError, type AttemptCause } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import type { Answer, StreamEvent, Upstream, UpstreamRequest } from '../../src/core/upstream.ts';
import { scriptedEvents } from './event-streams.ts';
import { chunk } from './fake-upstream.ts';
import { upstreamState } from './policy.ts';

/** What reached an upstream: `bytes` are those of bodies and paths, `bodyBytes` of bodies alone. */
export interface Seen {
  calls: number;
  bytes: number;
  bodyBytes: number;
  /** All of it, as text. */
  text: string;
}

export const nothingSeen = (): Seen => ({ calls: 0, bytes: 0, bodyBytes: 0, text: '' });

export interface Brittleness {
  /** How `send` fails; `bug` throws an error that is not a `GatewayError`. */
  readonly fails?: AttemptCause | 'bug' | undefined;
  /** The event at which its streams break. */
  readonly breaksAt?: number | undefined;
  readonly facts: Pick<UpstreamFacts, 'capabilities'> &
    Partial<Pick<UpstreamFacts, 'contextTokens'>>;
}

export function brittleUpstream(
  name: string,
  locality: Locality,
  brittle: Brittleness,
  seen: Seen,
): Upstream {
  return {
    name,
    kind: 'brittle',
    locality,
    facts: () => {
      const { model, models } = upstreamState(locality);
      return { locality, model, models, ...brittle.facts };
    },
    // Async, so that a bug rejects as in a real upstream.
    send: async (request) => {
      seen.calls += 1;
      seen.bytes += request.call.payload.length + request.call.path.length;
      seen.bodyBytes += request.call.payload.length;
      seen.text += `${request.call.path} ${request.call.payload.toString()}\n`;
      request.egress?.bytesSent(request.call.payload.length);
      if (brittle.fails === 'bug') throw new TypeError('a bug');
      if (brittle.fails !== undefined) throw new UpstreamError(brittle.fails, 'it failed');
      return answerTo(request, brittle.breaksAt);
    },
    probe: () => Promise.resolve({ ok: true, detail: '' }),
    close: () => Promise.resolve(),
  };
}

function answerTo({ call }: UpstreamRequest, breaksAt: number | undefined): Answer {
  if (call.operation === 'passthrough') {
    const chunks = iterate([Buffer.from('raw'), Buffer.from('bytes')], breaksAt);
    return { kind: 'raw', status: 200, headers: {}, chunks };
  }
  if (call.stream) {
    const steps = breaksAt === undefined ? EVENTS : [...EVENTS.slice(0, breaksAt), broken()];
    return { kind: 'stream', headers: {}, events: scriptedEvents(steps) };
  }
  const body = BODIES[call.operation];
  return { kind: 'whole', headers: {}, bytes: Buffer.from(JSON.stringify(body)), body };
}

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
const message = { role: 'assistant', content: 'Done.' };
const BODIES: Readonly<Record<Exclude<Operation, 'passthrough'>, JsonObject>> = {
  chat: { id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }], usage },
  text_completion: {
    id: 'c',
    model: 'm',
    choices: [{ index: 0, text: 'Done.', finish_reason: 'stop' }],
    usage,
  },
  embeddings: { object: 'list', model: 'm', data: [{ index: 0, embedding: [0.5] }], usage },
  messages: { id: 'msg_2', type: 'message', model: 'm', content: [], stop_reason: 'end_turn' },
  responses: { id: 'resp_2', object: 'response', model: 'm', status: 'completed', output: [] },
};

const EVENTS: readonly StreamEvent[] = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Done.' }),
  chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  { bytes: Buffer.from('data: [DONE]\n\n'), done: true },
];

const broken = (): Error => new UpstreamError('interrupted', 'it broke');

function iterate<T>(items: readonly T[], breaksAt: number | undefined): AsyncIterator<T> {
  let at = 0;
  return {
    next: () => {
      if (at === breaksAt) return Promise.reject(broken());
      const value = items[at];
      at += 1;
      return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
    },
    return: () => {
      at = items.length;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
