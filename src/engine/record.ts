/** Makes the one record of a request, however it ends. */
import type { Accountant } from '../core/accounting.ts';
import type { Call } from '../core/call.ts';
import type { Decision } from '../core/decision.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';
import type { Attempt, ImplicitSign, Sink, Usage, UsageRecord } from '../core/record.ts';
import { bareFacts } from '../core/signal.ts';
import type { Writable } from '../lib/writable.ts';
import type { Outcome } from './outcome.ts';
import { toRecord } from './record-situation.ts';
import { recordedReadings } from './recorded-readings.ts';
import { isNotNow } from './refusal.ts';
import type { Routing } from './routing.ts';

export interface OpenRecord {
  /** Notes the time of the decision, and what the request says of an earlier answer. */
  decided(sign?: ImplicitSign): void;
  /** Publishes; only the first call counts. `known`: the routing, or the part that was known when it failed. */
  finish(end: Outcome, known?: Partial<Routing>): void;
}

interface Tools {
  readonly publish: Sink;
  readonly accountant: Accountant;
  readonly nowMs: () => number;
  /** Records hold what the judge saw of a request. */
  readonly keepsSeen?: boolean;
}

export const startRecord = (call: Call, tools: Tools): OpenRecord => new RunningRecord(call, tools);

/** A class rather than closures, because there is one for each request. */
class RunningRecord implements OpenRecord {
  readonly #call: Call;
  readonly #tools: Tools;
  #decidedMs: number | undefined;
  #sign: ImplicitSign | undefined;
  #isOpen = true;

  constructor(call: Call, tools: Tools) {
    this.#call = call;
    this.#tools = tools;
  }

  decided(sign?: ImplicitSign): void {
    this.#decidedMs = this.#tools.nowMs();
    this.#sign = sign;
  }

  finish(end: Outcome, known: Partial<Routing> = {}): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { accountant, publish, keepsSeen = false } = this.#tools;
    const { startedMs } = this.#call;
    const nowMs = end.overMs ?? this.#tools.nowMs();
    const routeMs = (this.#decidedMs ?? nowMs) - startedMs;
    const measured = { routeMs, latencyMs: nowMs - startedMs, accountant, keepsSeen };
    const record = recordOf(this.#call, known, end, measured);
    if (this.#sign !== undefined) record.sign = this.#sign;
    publish(record);
  }
}

interface Measured {
  readonly routeMs: number;
  readonly latencyMs: number;
  readonly accountant: Accountant;
  readonly keepsSeen: boolean;
}

function recordOf(
  call: Call,
  known: Partial<Routing>,
  end: Outcome,
  measured: Measured,
): Writable<UsageRecord> {
  const { attempts } = end;
  const last = attempts.at(-1);
  const used = last ?? givenAgain(end);
  const { routeMs, latencyMs } = measured;
  const waitedMs = attempts.reduce((sum, attempt) => sum + attempt.latencyMs, 0);
  const { decision } = known;
  const { outcome, status, errorCode } = outcomeOf(end, decision);
  const record: Writable<UsageRecord> = {
    id: call.id,
    atMs: call.receivedAtMs,
    operation: call.operation,
    stream: call.stream,
    caller: call.caller.name,
    requestedModel: call.requestedModel,
    facts: known.features?.facts ?? bareFacts(call.operation, call.stream),
    readings: recordedReadings(known, measured.keepsSeen),
    attempts,
    egress: egressOf(attempts),
    outcome,
    status,
    latencyMs,
    overheadMs: { route: routeMs, total: Math.max(0, latencyMs - waitedMs) },
    baselineNanoUsd: baselineOf(call, decision, used, measured.accountant),
  };
  if (errorCode !== undefined) record.errorCode = errorCode;
  if (call.traceparent !== undefined) record.traceparent = call.traceparent;
  if (end.cache !== undefined) record.cache = end.cache;
  addDecided(record, known);
  const degraded = degradation(decision, attempts);
  if (degraded !== undefined) record.degraded = degraded;
  if (last?.ttftMs !== undefined) record.ttftMs = last.startedMs + last.ttftMs;
  const energy = baselineEnergyOf(decision, used, measured.accountant);
  if (energy !== undefined) record.baselineEnergy = energy;
  return record;
}

function addDecided(record: Writable<UsageRecord>, known: Partial<Routing>): void {
  const situation = situationOf(known);
  if (known.decision !== undefined) record.decision = known.decision;
  if (situation !== undefined) record.situation = situation;
}

/** What the large model would have cost is saved by an answer that is given again, too. */
const givenAgain = ({ usage }: Outcome): Used | undefined =>
  usage && { usage, cost: null, energy: null, upstream: '', model: '' };

type Used = Pick<Attempt, 'cost' | 'energy' | 'upstream' | 'model'> & { readonly usage?: Usage };

function situationOf({ ask, snapshot, features }: Partial<Routing>): UsageRecord['situation'] {
  if (ask === undefined || snapshot === undefined || features === undefined) return undefined;
  return toRecord(ask, snapshot, features.facts.needs);
}

function egressOf(attempts: readonly Attempt[]): NonNullable<UsageRecord['egress']> {
  const bytes = { local: 0, cloud: 0 };
  for (const { locality, egressBytes } of attempts) bytes[locality] += egressBytes;
  return { localBytes: bytes.local, cloudBytes: bytes.cloud };
}

function outcomeOf(
  { error }: Outcome,
  decision: Decision | undefined,
): Pick<UsageRecord, 'outcome' | 'status' | 'errorCode'> {
  if (error === undefined) return { outcome: 'answered', status: 200 };
  const { status, code } = asWireError(error);
  if (code === 'caller_hung_up') return { outcome: 'aborted', status, errorCode: code };
  const isRefusal = (decision?.kind === 'refuse' && !isNotNow(code)) || code === 'policy_residency';
  return { outcome: isRefusal ? 'refused' : 'failed', status, errorCode: code };
}

function asWireError(error: unknown): { status: number; code: ErrorCode } {
  return error instanceof GatewayError ? error : { status: 500, code: 'gateway_internal' };
}

/** Why the answer is not from the preferred target: by decision, or by fallback. */
export function degradation(
  decision: Decision | undefined,
  attempts: readonly Pick<Attempt, 'outcome' | 'cause' | 'upstream' | 'isKept'>[],
): string | undefined {
  const failed = attempts.find(({ outcome }) => outcome === 'failed');
  if (failed !== undefined) return `${failed.upstream}-${failed.cause ?? 'failed'}`;
  return attempts.some(({ isKept }) => isKept === true) ? 'verify-kept' : decision?.degraded;
}

/**
 * The cost of the same tokens at the large model; null if it has no known price or no tokens were
 * used.
 */
function baselineOf(
  call: Call,
  decision: Decision | undefined,
  last: Used | undefined,
  accountant: Accountant,
): number | null {
  const large = decision?.baseline;
  // What is carried is not routed: it costs what it costs.
  if (call.operation === 'passthrough') return last?.cost?.totalNanoUsd ?? null;
  if (last?.usage === undefined || large === undefined) return null;
  return accountant.baseline(last.usage, large.upstream, large.model, call.receivedAtMs);
}

/** If that very model answered, its own energy is used: an estimate would be less exact. */
function baselineEnergyOf(
  decision: Decision | undefined,
  last: Used | undefined,
  accountant: Accountant,
): UsageRecord['baselineEnergy'] {
  const large = decision?.baseline;
  if (last?.usage === undefined || large === undefined) return undefined;
  const isSame = last.upstream === large.upstream && last.model === large.model;
  const energy = isSame
    ? last.energy
    : accountant.baselineEnergy?.(last.usage, large.upstream, large.model);
  return energy ?? undefined;
}
