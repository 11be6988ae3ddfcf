/** The record of a request: the only input of metrics, ledger, log, reports and replay. */
import type { Comparison } from './audit.ts';
import type { Operation } from './call.ts';
import type { Decision, Locality, Tier } from './decision.ts';
import type { AttemptCause, ErrorCode } from './errors.ts';
import type { MaskedCounts } from './masking.ts';
import type { RecordedSituation } from './recorded-situation.ts';
import type { Readings, RequestFacts } from './signal.ts';
import type { Verdict } from './verify.ts';

/** Disjoint except where said. `reported` = the upstream's figures; `counted` = counted here, with `o200k_base`. */
export interface Usage {
  /** All input, cached included. */
  readonly inputTokens: number;
  /** The part of the input read from the upstream's prompt cache. */
  readonly cachedInputTokens: number;
  /** The part of the input that was written to that cache, where the upstream reports and charges it. */
  readonly cacheWriteTokens?: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly source: 'reported' | 'counted';
  /** Parts with prices of their own, and what is charged by the call; absent where nothing was said of any. */
  readonly details?: UsageDetails;
  /** What the upstream says that it charges for the answer, in nano-USD. */
  readonly chargedNanoUsd?: number;
  /** The service tier that answered, where the upstream names it. */
  readonly serviceTier?: string;
  /** A figure of the upstream's could not be true: it was left out, and counted where that could be done. */
  readonly isImplausible?: true;
  /** Then: what the upstream said, cut to 256 characters. */
  readonly said?: string;
}

/** Tokens are part of the sums in `Usage`: of the input, the cached input, the cache's writes, or the output. */
export interface UsageDetails {
  readonly inputAudioTokens?: number;
  readonly inputImageTokens?: number;
  readonly cachedAudioTokens?: number;
  /** Written to a cache for an hour, which costs more than for minutes. */
  readonly cacheWrite1hTokens?: number;
  readonly outputAudioTokens?: number;
  readonly outputImageTokens?: number;
  readonly webSearches?: number;
  /** Length of the sound that was transcribed, where that is charged and no tokens. */
  readonly audioSeconds?: number;
}

/** Integer nano-USD by kind. `totalNanoUsd` is their sum. */
export interface Cost {
  readonly totalNanoUsd: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Where the price comes from: a package and its version, or the configuration. */
  readonly source: string;
}

/** Joules, as a range that contains the true value under the method's assumptions. */
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

/** Grams of CO2 equivalent, as ranges derived from the energy's. */
export interface Carbon {
  /** Of the electricity: energy times grid intensity. */
  readonly operational: Grams;
  /** Of making the machines, by the time they were used; null = not known, which is not 0. */
  readonly embodied: Grams | null;
  readonly method: Energy['method'];
  readonly source: string;
}

/** Millilitres evaporated where the electricity was generated and used. */
export interface Water {
  readonly lowMl: number;
  readonly highMl: number;
  readonly method: 'modelled';
  readonly source: string;
}

/**
 * What an attempt was for, beside answers. `draft`: it failed its checks, and another answered in its place; `repair`: the small
 * model was asked once more for JSON; `audit`: a later look at an accepted answer. All are paid for; the caller sees a repair at most.
 */
type AttemptKind = 'draft' | 'repair' | 'audit';

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
  /** Body bytes written to this upstream, after translation and masking; 0 when it was never reached. */
  readonly egressBytes: number;
  /** How many different values of each kind were masked in the body; never the values. */
  readonly masked?: MaskedCounts;
  /** Undefined when the attempt produced nothing. */
  readonly usage?: Usage;
  /** Null = the model has no known price: counted separately, never as 0. */
  readonly cost: Cost | null;
  readonly energy: Energy | null;
  /** Absent where the energy or the grid intensity is not known. */
  readonly carbon?: Carbon;
  readonly water?: Water;
  /** The weights or the build that answered, where known: a file's or a server's digest, or a fingerprint. */
  readonly modelDigest?: string;
  /** Carried without being read: it may have cost what nobody here can say. */
  readonly isUnpriced?: true;
  /** What the checks said of its answer, where the policy wants it checked. */
  readonly verdict?: Verdict;
  /** Absent: it is the caller's answer, or was to be it. */
  readonly kind?: AttemptKind;
  /** What was around the JSON of its answer was taken away before the caller got it. */
  readonly isMended?: true;
  /** It failed a check and is given all the same, since no model that could answer in its place may be asked. */
  readonly isKept?: true;
  /** Asked in the background, for comparison: the caller never sees its answer. */
  readonly shadow?: true;
}

interface RecordedAudit extends Comparison {
  /** The probability with which the answer was chosen. */
  readonly propensity: number;
}

export interface UsageRecord {
  readonly id: string;
  /** Stands for so many requests, refused for the same cause within a minute; absent: one. */
  readonly times?: number;
  /** The request that this record is the shadow of: its spending is real, but is part of no answer. */
  readonly shadowOf?: string;
  /** What an audit of that request's answer came to. */
  readonly audit?: RecordedAudit;
  readonly atMs: number;
  readonly operation: Operation;
  readonly stream: boolean;
  readonly caller: string;
  /** The caller's trace context: W3C's `traceparent`, validated. */
  readonly traceparent?: string;
  readonly requestedModel: string;
  readonly facts: RequestFacts;
  readonly readings: Readings;
  /** Absent when the request failed before it could be decided. */
  readonly decision?: Decision;
  /** What the decision depended on besides facts and readings. */
  readonly situation?: RecordedSituation;
  readonly attempts: readonly Attempt[];
  /** Body bytes sent, by locality: the sums over the attempts. */
  readonly egress?: { readonly localBytes: number; readonly cloudBytes: number };
  readonly outcome: 'answered' | 'failed' | 'refused' | 'aborted';
  /** The HTTP status of the response (499 = the caller disconnected first). */
  readonly status: number;
  readonly errorCode?: ErrorCode;
  /** Why the target that answered is not the policy's first choice. */
  readonly degraded?: string;
  readonly latencyMs: number;
  readonly ttftMs?: number;
  /** The gateway's own time: until the decision, and in total without waiting for upstreams. */
  readonly overheadMs: { readonly route: number; readonly total: number };
  /** What the large model would have cost for the same tokens; null = unknown. */
  readonly baselineNanoUsd: number | null;
  /** Energy of the large model for the same tokens; absent = unknown. */
  readonly baselineEnergy?: Energy;
  /** Present where a rule keeps answers. */
  readonly cache?: CacheUse;
  readonly sign?: ImplicitSign;
}

/** What the cache of answers did: `bypass` where this request may not be answered from it. */
export interface CacheUse {
  readonly result: 'hit' | 'miss' | 'bypass';
  /** The request whose answer was given again. */
  readonly answerOf?: string;
  /** What that one had cost, in nano-USD; null = not known. */
  readonly savedNanoUsd?: number | null;
}

/** What a request says of an earlier answer without saying so to the gateway. No text: weak, and read by `learn` alone. */
export interface ImplicitSign {
  /** `asked-again`: the same turn of the conversation. `denied`: the user says that the answer was wrong. */
  readonly kind: 'asked-again' | 'denied';
  /** The request that had that answer. */
  readonly of: string;
}

/** Takes finished records. Must not throw, and must not delay the request. */
export type Sink = (record: UsageRecord) => void;
