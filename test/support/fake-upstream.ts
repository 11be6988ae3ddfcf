import type { UpstreamFacts } from '../../src/core/decision.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import type { Answer, StreamEvent, Upstream } from '../../src/core/upstream.ts';
import { scriptedEvents } from './event-streams.ts';
import { upstreamState } from './policy.ts';

interface Script {
  /** Thrown by `send`. */
  readonly fails?: Error;
  /** Thrown by the stream after its first two events. */
  readonly breaks?: Error;
  readonly facts?: Partial<UpstreamFacts>;
}

export interface FakeUpstream extends Upstream {
  /** How often it was asked, and how many of its streams were closed early. */
  readonly seen: { asked: number; closed: number; models: string[] };
}

const usage = { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 };

export const chunk = (delta: JsonObject, more: JsonObject = {}): StreamEvent => {
  const data = {
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'answered',
    choices: [{ index: 0, delta, finish_reason: null, logprobs: null }],
    ...more,
  };
  return { bytes: Buffer.from(`data: ${JSON.stringify(data)}\n\n`), data };
};

/** Answers at once, in OpenAI's shape, and counts its calls. */
export function fakeUpstream(name: 'local' | 'cloud', script: Script = {}): FakeUpstream {
  const seen: FakeUpstream['seen'] = { asked: 0, closed: 0, models: [] };
  return {
    name,
    kind: 'fake',
    locality: name,
    seen,
    facts: () => ({ ...upstreamState(name), ...script.facts }),
    send: (request) => {
      seen.asked += 1;
      seen.models.push(request.model);
      if (script.fails) return Promise.reject(script.fails);
      return Promise.resolve(request.call.stream ? streamed(script, seen) : whole(name));
    },
    probe: () => Promise.resolve({ ok: true, detail: 'fake' }),
    close: () => Promise.resolve(),
  };
}

function whole(name: string): Answer {
  const message = { role: 'assistant', content: `from ${name}`, refusal: null };
  const choices = [{ index: 0, finish_reason: 'stop', logprobs: null, message }];
  const body = {
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'answered',
    choices,
    usage,
  };
  return { kind: 'whole', headers: {}, bytes: Buffer.from(JSON.stringify(body)), body };
}

function streamed(script: Script, seen: FakeUpstream['seen']): Answer {
  const events = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'Hello' }),
    chunk({}, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    chunk({}, { choices: [], usage }),
    { bytes: Buffer.from('data: [DONE]\n\n'), done: true as const },
  ];
  const { breaks } = script;
  const steps = breaks === undefined ? events : [...events.slice(0, 2), breaks];
  return { kind: 'stream', headers: {}, events: scriptedEvents(steps, () => (seen.closed += 1)) };
}
