/**
 * Asks the other tier the same thing in the background, for comparison. Nobody waits for it, nobody is
 * answered by it, and it leaves a record of its own: the request's is written long before.
 */
import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import type { Attempt, Sink, UsageRecord } from '../core/record.ts';
import type { Features, Readings } from '../core/signal.ts';
import { openAttempt, type AttemptTools, type OpenAttempt } from './attempt.ts';
import { send, type Upstreams } from './egress.ts';
import { startRecord } from './record.ts';

export interface ShadowTools extends AttemptTools {
  readonly publish: Sink;
}

interface Shadowed {
  readonly call: Call;
  readonly features: Features;
  readonly readings: Readings;
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
  { call, features, readings, decision }: Shadowed,
  target: Target,
  abort: AbortSignal,
  tools: ShadowTools,
): Promise<void> {
  const publish: Sink = (record) => tools.publish(asShadow(record));
  const record = startRecord({ ...call, startedMs: tools.nowMs() }, { ...tools, publish });
  Object.assign(record.known, { features, readings, decision });
  record.decided();
  const open = openAttempt(call, features, target, tools);
  const close = (outcome: Attempt['outcome'], error?: unknown): void => {
    const attempt: Attempt = { ...open.close(outcome, error), shadow: true };
    record.finish({ attempts: [attempt], ...(error === undefined ? {} : { error }) });
  };
  try {
    await readAll(open, { call, target, decision, abort }, tools.upstreams);
    close('ok');
  } catch (error) {
    close(abort.aborted ? 'aborted' : 'failed', error);
  }
}

interface Asking {
  readonly call: Call;
  readonly target: Target;
  readonly decision: Shadowed['decision'];
  readonly abort: AbortSignal;
}

/** To the end, as a caller would: else it would not be known what the answer takes. */
async function readAll(
  open: OpenAttempt,
  { call, target, decision, abort }: Asking,
  upstreams: Upstreams,
): Promise<void> {
  const { egress, countUsage } = open;
  const request = { call, model: target.model, egress, countUsage };
  const answer = await send(request, target, decision, { upstreams, abort });
  switch (answer.kind) {
    case 'whole':
      return open.see(answer.body);
    case 'stream':
      for (;;) {
        const step = await answer.events.next();
        if (step.done === true) return;
        if (step.value.data !== undefined) open.see(step.value.data);
      }
    case 'raw':
      // Only a passed-on route is answered so, and none is shadowed.
      await answer.chunks.return?.();
  }
}

/** It stands for no request: it saves nothing, and is no share of what was asked. */
const asShadow = (record: UsageRecord): UsageRecord => ({
  ...record,
  id: shadowId(record.id),
  shadowOf: record.id,
  baselineNanoUsd: null,
});
