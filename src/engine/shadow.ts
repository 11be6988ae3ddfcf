/**
 * Sends the same request to the other tier in the background, for comparison. Its answer is discarded, and it has its own record:
 * the request's is written long before.
 */
import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import type { Payment, Payments } from '../core/payment.ts';
import type { Policy } from '../core/policy.ts';
import type { Attempt, Sink, UsageRecord } from '../core/record.ts';
import type { Answer } from '../core/upstream.ts';
import { readAll } from '../lib/flow.ts';
import type { AttemptBudget } from './attempt-budget.ts';
import { openAttempt, paidCall, type Asked, type AttemptTools } from './attempt.ts';
import { send } from './egress.ts';
import { startRecord } from './record.ts';
import type { Routing } from './routing.ts';

export interface ShadowTools extends AttemptTools {
  readonly publish: Sink;
  readonly payments: Pick<Payments, 'reserve'>;
  /** The policy of this version where it is in force, else the gateway's. */
  readonly policyInForce: (version: string | undefined) => Policy;
}

/** What nobody waits for is not sent under a policy that was replaced since: the new one might keep it here. */
export const isReplaced = ({ policy }: Decision, { policyInForce }: ShadowTools): boolean =>
  policyInForce(policy.version).version !== policy.version;

interface Shadowed {
  readonly call: Call;
  readonly routing: Routing;
  readonly decision: Extract<Decision, { kind: 'route' }>;
  readonly asks: AttemptBudget;
}

export interface Shadows {
  /**
   * Returns at once. Sends nothing if the decision names no shadow, or `MAX_CONCURRENT` are in
   * flight.
   */
  ask(request: Shadowed): void;
  /** Stops those in flight, and resolves when their records are written. */
  close(): Promise<void>;
}

/** Shadows in flight. Above it a shadow is skipped, not queued: the policy's share is an upper bound. */
const MAX_CONCURRENT = 2;
/** A shadow that takes longer is aborted. Milliseconds. */
const LONGEST_MS = 120_000;

/** The record's id, from which the request's id follows, and vice versa. */
const shadowId = (id: string): string => `${id}_shadow`;

export function createShadows(tools: ShadowTools): Shadows {
  const life = new AbortController();
  const running = new Set<Promise<void>>();
  return {
    ask: (request) => {
      const target = request.decision.shadow;
      if (target === undefined || running.size >= MAX_CONCURRENT || life.signal.aborted) return;
      if (!request.asks.has() || isReplaced(request.decision, tools)) return;
      const payment = affordable(request, target, tools);
      if (payment === 'too-dear') return;
      request.asks.take();
      const abort = AbortSignal.any([life.signal, AbortSignal.timeout(LONGEST_MS)]);
      const asked = shadow(request, { target, payment }, abort, tools).finally(() =>
        running.delete(asked),
      );
      running.add(asked);
    },
    close: async () => {
      life.abort();
      await Promise.all(running);
    },
  };
}

function affordable(
  { call, routing }: Shadowed,
  target: Target,
  { payments }: ShadowTools,
): Payment | undefined | 'too-dear' {
  try {
    return payments.reserve(call, routing.features, target);
  } catch {
    return 'too-dear';
  }
}

async function shadow(
  { call, routing, decision }: Shadowed,
  { target, payment }: Asked,
  abort: AbortSignal,
  tools: ShadowTools,
): Promise<void> {
  const publish: Sink = (record) => tools.publish(asShadow(record));
  const record = startRecord({ ...call, startedMs: tools.nowMs() }, { ...tools, publish });
  record.decided();
  const { features, readings } = routing;
  const known = { features, readings, decision };
  tools.observer.started(target, call);
  const open = openAttempt(call, features, { target, payment }, tools);
  const { egress, countUsage, isSentOnce } = open;
  const closed = (attempt: Attempt, error?: unknown): void =>
    record.finish(
      { attempts: [{ ...attempt, shadow: true }], ...(error === undefined ? {} : { error }) },
      known,
    );
  try {
    const sent = payment === undefined ? call : await paidCall(call, payment);
    const request = { call: sent, model: target.model, egress, countUsage, isSentOnce };
    const answer = await send(request, target, decision, { upstreams: tools.upstreams, abort });
    await readToEnd(open.meter(answer, abort, closed));
  } catch (error) {
    closed(open.close(abort.aborted ? 'aborted' : 'failed', error), error);
  }
}

/** Reads the answer to its end, as a caller would: its usage is not known before. */
async function readToEnd(answer: Answer): Promise<void> {
  if (answer.kind === 'stream') await readAll(answer.events, () => {});
  if (answer.kind === 'raw') while ((await answer.chunks.next()).done !== true);
}

/** A shadow is no request: it has no baseline, and counts in no share of requests. */
const asShadow = (record: UsageRecord): UsageRecord => ({
  ...record,
  id: shadowId(record.id),
  shadowOf: record.id,
  baselineNanoUsd: null,
});
