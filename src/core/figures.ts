/** The figures of a window of records: what the report, the page and the exports have in common. */
import type { Dimension } from './dimensions.ts';
import type { Energy, UsageRecord } from './record.ts';

/** Bounds of what is not known exactly. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What an attempt was for: at most one of a request is the caller's answer. */
export type Purpose =
  /** The caller's answer, from the first target. */
  | 'answers'
  /** The caller's answer, after another target failed. */
  | 'fallbacks'
  /** A repeated attempt at the same target, whether or not it is the answer. */
  | 'retries'
  /** A small model's attempt that is not the caller's answer. */
  | 'wasted_small'
  /** A large model's attempt that is not the caller's answer. */
  | 'wasted_large'
  /** An attempt that ended when the caller hung up. */
  | 'cut_off'
  /** Sent in the background, for comparison. */
  | 'shadow'
  /** Failed its checks, and another answered in its place. */
  | 'drafts'
  /** The small model was asked once more for JSON, whether or not it is the answer. */
  | 'repairs'
  /** Sent in the background, to compare an answer that was given. */
  | 'audits';

export interface Requests {
  readonly total: number;
  readonly outcomes: Readonly<Record<UsageRecord['outcome'], number>>;
  /** Answered requests by tier; `pinned` = the caller chose the model. */
  readonly small: number;
  readonly large: number;
  readonly pinned: number;
  /** Share of `small + large`; null if that is 0. */
  readonly smallShare: number | null;
  readonly degraded: number;
  /** Shadow records, which are not requests. */
  readonly shadows: number;
}

export interface Spent {
  readonly attempts: number;
  /** Integer nano-USD as booked, and its range due to the energy's. */
  readonly nanoUsd: number;
  readonly nanoUsdRange: Range;
  readonly joules: Range;
  /** Attempts that used tokens without a known price, or without known energy: not in the figures. */
  readonly unpriced: number;
  readonly unmetered: number;
}

export type Counted = Range & { readonly attempts: number };

/** Spending by purpose, kind and upstream, and the attempts whose figures are not known. */
export interface Spending {
  readonly total: Spent;
  readonly purposes: Readonly<Record<Purpose, Spent>>;
  readonly upstreams: Readonly<Record<string, Spent>>;
  /** Nano-USD by kind: `input`, `output`, `energy`, … */
  readonly kinds: Readonly<Record<string, number>>;
  /** Joules by method. */
  readonly methods: Readonly<Partial<Record<Energy['method'], Counted>>>;
  readonly carbon: Footprint & { readonly embodied: Counted };
  readonly water: Footprint;
}

/** Grams or millilitres of the attempts that have them; `embodied` is not part of the range. */
type Footprint = Counted & { readonly unknown: number };

export interface Compared {
  /** Requests with both sides known; the others are counted in `unknown` and are in neither sum. */
  readonly requests: number;
  readonly unknown: number;
  readonly baseline: Range;
  readonly spent: Range;
  /** Difference per request, summed: the part that is the same figure on both sides cancels exactly. */
  readonly saved: Range;
}

/**
 * Savings against sending everything to the large model: the same tokens at its price, less all spending, whatever its purpose. A
 * range, because the electricity of local answers is a range.
 */
export interface Savings {
  /** Nano-USD. */
  readonly money: Compared;
  /** Joules. */
  readonly energy: Compared;
  /** Only the requests that a small model answered. */
  readonly small: { readonly money: Compared; readonly energy: Compared };
}

/** Milliseconds; null where nothing was counted. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface FigureGroup {
  readonly name: string;
  readonly requests: number;
  readonly attempts: number;
  readonly nanoUsd: number;
}

export interface Totals {
  /** Of the first and the last record; null without records. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  readonly requests: Requests;
  readonly spending: Spending;
  readonly savings: Savings;
  /** Whether a model on this machine was asked. */
  readonly hasLocal: boolean;
  readonly more: { readonly escalated: number; readonly fallbacks: number };
  readonly tokens: {
    readonly input: number;
    readonly cachedInput: number;
    readonly output: number;
    readonly reasoning: number;
  };
  readonly egress: { readonly localBytes: number; readonly cloudBytes: number };
  /** Of answered requests, by the tier that answered. */
  readonly latency: Readonly<Record<string, Quantiles>>;
  readonly firstToken: Readonly<Record<string, Quantiles>>;
  readonly verdicts: { readonly pass: number; readonly fail: number; readonly undecided: number };
  readonly by: Readonly<Record<Dimension, readonly FigureGroup[]>>;
}
