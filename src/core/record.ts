/** What a request leaves behind: metrics, ledger, log, reports and replay all read this and nothing else. */
import type { Operation } from './call.ts';
import type { Decision, Locality, Tier } from './decision.ts';
import type { AttemptCause, ErrorCode } from './errors.ts';
import type { MaskedCounts } from './masking.ts';
import type { RecordedSituation } from './recorded-situation.ts';
import type { Readings, RequestFacts } from './signal.ts';

/** Disjoint except where said. `reported` = the upstream's own figures; `counted` = ours, with `o200k_base`. */
export interface Usage {
  /** All input, cached included. */
  readonly inputTokens: number;
  /** The part of the input read from the upstream's prompt cache. */
  readonly cachedInputTokens: number;
  /** The part of the input that was written to that cache, where the upstream says so and charges for it. */
  readonly cacheWriteTokens?: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly source: 'reported' | 'counted';
}

/** Integer nano-USD a kind. `total` is their sum. */
export interface Cost {
  readonly totalNanoUsd: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Where the price comes from: a package and its version, or the configuration. */
  readonly source: string;
}

/** Joules, as a range that holds the true value under the method's assumptions. */
export interface Energy {
  readonly lowJ: number;
  readonly highJ: number;
  readonly method: 'measured' | 'attributed' | 'modelled';
  readonly source: string;
}

export interface Grams {
  readonly lowG: number;
  readonly highG: number;
}

/** Grams of CO2 equivalent, as ranges that follow from the energy's. */
export interface Carbon {
  /** Of the electricity: energy times what the grid carries. */
  readonly operational: Grams;
  /** Of making the machines, by the time they were used; null = not known, which is not none. */
  readonly embodied: Grams | null;
  readonly method: Energy['method'];
  readonly source: string;
}

/** Millilitres evaporated where the electricity was made and used. */
export interface Water {
  readonly lowMl: number;
  readonly highMl: number;
  readonly method: 'modelled';
  readonly source: string;
}

/** One call to one upstream. */
export interface Attempt {
  readonly upstream: string;
  readonly tier: Tier;
  readonly locality: Locality;
  /** The model asked for, and the one the answer names. */
  readonly model: string;
  readonly answeredModel?: string;
  readonly outcome: 'ok' | 'failed' | 'aborted';
  readonly cause?: AttemptCause;
  readonly status?: number;
  /** From the request's arrival to the start of this attempt. */
  readonly startedMs: number;
  readonly latencyMs: number;
  /** From the start of this attempt to the first event that carries content. */
  readonly ttftMs?: number;
  /** Bytes of the body that were written to this upstream, as it got it; 0 when it was never reached. */
  readonly egressBytes: number;
  /** How many different values of each kind were masked in it; never the values. */
  readonly masked?: MaskedCounts;
  /** Undefined when the attempt produced nothing. */
  readonly usage?: Usage;
  /** Null = the model has no known price: counted, never taken for 0. */
  readonly cost: Cost | null;
  readonly energy: Energy | null;
  /** Absent where the energy, or what the grid carries there, is not known. */
  readonly carbon?: Carbon;
  readonly water?: Water;
  /** Which weights or build answered, where it is known: a file's or a server's digest, or a fingerprint. */
  readonly modelDigest?: string;
  /** Asked in the background, for comparison: the caller got nothing of it. */
  readonly shadow?: true;
}

export interface UsageRecord {
  readonly id: string;
  /** Not a request but the shadow of this one: what it spent is real, and no part of any answer. */
  readonly shadowOf?: string;
  readonly atMs: number;
  readonly operation: Operation;
  readonly stream: boolean;
  readonly caller: string;
  /** The caller's place in a trace of theirs: W3C's `traceparent`, checked. */
  readonly traceparent?: string;
  readonly requestedModel: string;
  readonly facts: RequestFacts;
  readonly readings: Readings;
  /** Absent when the request failed before it could be decided. */
  readonly decision?: Decision;
  /** What the decision depended on besides facts and readings. */
  readonly situation?: RecordedSituation;
  readonly attempts: readonly Attempt[];
  /** Bytes of bodies that left, by where they went: the sums over the attempts. */
  readonly egress?: { readonly localBytes: number; readonly cloudBytes: number };
  readonly outcome: 'answered' | 'failed' | 'refused' | 'aborted';
  /** The HTTP status the caller got (499 = hung up first). */
  readonly status: number;
  readonly errorCode?: ErrorCode;
  /** Why the answer is not what the policy wanted. */
  readonly degraded?: string;
  readonly latencyMs: number;
  readonly ttftMs?: number;
  /** Ours alone: until the decision stood, and everything that was not waiting for an upstream. */
  readonly overheadMs: { readonly route: number; readonly total: number };
  /** What the large model would have cost for the same tokens; null = unknown. */
  readonly baselineNanoUsd: number | null;
  /** What the large model would have taken for the same tokens; absent = unknown. */
  readonly baselineEnergy?: Energy;
}

/** Takes finished records. It must not throw, and must not make the request wait. */
export type Sink = (record: UsageRecord) => void;
