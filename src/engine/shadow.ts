/**
 * Asks the other tier the same thing in the background, for comparison. Nobody waits for it, nobody is
 * answered by it, and it leaves a record of its own: the request's is written long before.
 */
import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import type { Attempt, Sink, UsageRecord } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import { openAttempt, type AttemptTools } from './attempt.ts';
import { send } from './egress.ts';
import { startRecord } from './record.ts';
import type { Routing } from './routing.ts';

export interface ShadowTools extends AttemptTools {
  readonly publish: Sink;
}

interface Shadowed {
  readonly call: Call;
  readonly routing: Routing;
  readonly decision: Extract<Decision, { kind: 'route' }>;
}

export interface Shadows {
  /** Returns at once. Asks nobody where the decision names no shadow, or enough are under way. */
  ask(request: Shadowed): void;
  /** Stops those under way, and resolves when their records are written. */
  close(): Promise<void>;
}

/** At once. What comes meanwhile is not asked rather than made to wait: a share is a bound, not a promise. */
const MAX_CONCURRENT = 2;
/** A shadow that takes longer is given up. */
const LONGEST_MS = 120_000;

/** The record's id: that of the request it belongs to can be told from it, and the other way round. */
const shadowId = (id: string): string => `${id}_shadow`;

export function createShadows(tools: ShadowTools): Shadows {
  const life = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    ask: (request) => {
      const target = request.decision.shadow;
      if (target === undefined || running.size >= MAX_CONCURRENT || life.signal.aborted) return;
      const abort = AbortSignal.any([life.signal, AbortSignal.timeout(LONGEST_MS)]);
      const asked = shadow(request, target, abort, tools).finally(() => running.delete(asked));
      running.add(asked);
    },
    close: async () => {
      life.abort();
      await Promise.all(running);
    },
  };
}

async function shadow(
  { call, routing, decision }: Shadowed,
  target: Target,
  abort: AbortSignal,
  tools: ShadowTools,
): Promise<void> {
  const publish: Sink = (record) => tools.publish(asShadow(record));
  const record = startRecord({ ...call, startedMs: tools.nowMs() }, { ...tools, publish });
  record.decided();
  const { features, readings } = routing;
  const known = { features, readings, decision };
  const { egress, countUsage, meter, close } = openAttempt(call, features, target, tools);
  const closed = (attempt: Attempt, error?: unknown): void =>
    record.finish(
      { attempts: [{ ...attempt, shadow: true }], ...(error === undefined ? {} : { error }) },
      known,
    );
  const request = { call, model: target.model, egress, countUsage };
  try {
    const answer = await send(request, target, decision, { upstreams: tools.upstreams, abort });
    await readAll(meter(answer, abort, closed));
  } catch (error) {
    closed(close(abort.aborted ? 'aborted' : 'failed', error), error);
  }
}

/** To the end, as a caller would: what the answer takes is not known before. */
async function readAll(answer: Answer): Promise<void> {
  if (answer.kind === 'whole') return;
  const parts: AsyncIterator<unknown> = answer.kind === 'stream' ? answer.events : answer.chunks;
  while ((await parts.next()).done !== true);
}

/** It stands for no request: it saves nothing, and is no share of what was asked. */
const asShadow = (record: UsageRecord): UsageRecord => ({
  ...record,
  id: shadowId(record.id),
  shadowOf: record.id,
  baselineNanoUsd: null,
});
