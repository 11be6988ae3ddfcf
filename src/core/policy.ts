/** A policy, compiled: every name resolved, every condition a function. `policy/load.ts` makes it of YAML. */
import type { Locality, Snapshot } from './decision.ts';
import type { PersonalKind } from './masking.ts';
import type { Readings, RequestFacts } from './signal.ts';

/** Everything a condition may speak of. */
export interface Situation {
  readonly facts: RequestFacts;
  readonly readings: Readings;
  readonly snapshot: Snapshot;
}

export interface Condition {
  /** As written, for explanations. */
  readonly source: string;
  /**
   * Throws when the situation lacks something it speaks of (a signal that abstained): a rule then
   * does not match, a constraint holds.
   */
  holds(situation: Situation): boolean;
}

export interface Constraint {
  readonly name: string;
  readonly when: Condition;
  readonly require: { readonly locality: Locality };
  /**
   * Instead of being kept out, an upstream of another locality gets the request with these masked. Where
   * that cannot be done, `require` holds.
   */
  readonly redact?: readonly PersonalKind[];
}

interface Rule {
  readonly name: string;
  readonly when: Condition;
  /** Tiers, in order of preference. */
  readonly use: readonly ('small' | 'large')[];
}

/** A task that the small model is known to do, shown by example. */
export interface Domain {
  readonly name: string;
  readonly examples: readonly string[];
  readonly use: 'small' | 'large';
}

/** `canary`, `shadow`: on this share of conversations. */
export type Mode =
  | 'off'
  | 'observe'
  | 'on'
  | { readonly canary: number }
  | { readonly shadow: number };

/** A mode for some keys: the condition speaks of the key and of nothing else. */
interface KeyMode {
  readonly when: Condition;
  readonly mode: Mode;
}

/** When broken, the gateway goes back to the version before. Each bound is optional. */
export interface Guards {
  /** Share of requests that failed, 0 to 1. */
  readonly errorRate?: number;
  /** Time to first token that 95 of 100 requests must keep. */
  readonly ttftMs?: number;
  /** Share of requests that the large tier answered, 0 to 1. */
  readonly largeShare?: number;
  readonly costUsdPerHour?: number;
  readonly windowMinutes: number;
  /** Fewer in the window decide nothing. */
  readonly minRequests: number;
}

export type Objective =
  | { readonly quality: number }
  | { readonly largeShare: number }
  | { readonly complexityBelow: number };

/** The complexity at and above which the large tier is wanted, and how it follows from the objective. */
export interface Threshold {
  readonly value: number;
  readonly from: string;
}

export interface Policy {
  readonly name: string;
  /** First 12 hex digits of the SHA-256 of the source. */
  readonly version: string;
  readonly mode: Mode;
  /** The first that holds is the mode; `mode` where none does. */
  readonly modes?: readonly KeyMode[];
  readonly guards?: Guards;
  readonly objective: Objective;
  readonly threshold: Threshold;
  readonly targets: {
    readonly small: { readonly upstream: string; readonly model?: string };
    readonly large: { readonly upstream: string; readonly model?: string };
  };
  readonly domains: readonly Domain[];
  readonly constraints: readonly Constraint[];
  readonly rules: readonly Rule[];
  readonly whenUnavailable: {
    readonly large: 'serve-small' | 'refuse';
    readonly small: 'serve-large' | 'refuse';
  };
}
