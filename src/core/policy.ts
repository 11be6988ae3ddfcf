/** A compiled policy: every name resolved, every condition a function. `policy/load.ts` compiles it from YAML. */
import type { AuditPolicy } from './audit.ts';
import type { CollectPolicy } from './collect.ts';
import type { Locality, RoutableTier, Snapshot } from './decision.ts';
import type { LearnedHead } from './learned-head.ts';
import type { PersonalKind } from './masking.ts';
import type { UnreadKind } from './unread.ts';
import type { Readings, RequestFacts } from './signal.ts';
import type { VerifyPolicy } from './verify.ts';

/** Everything a condition may refer to. */
export interface Situation {
  readonly facts: RequestFacts;
  readonly readings: Readings;
  readonly snapshot: Snapshot;
}

export interface Condition {
  /** As written, for explanations. */
  readonly source: string;
  /**
   * Throws when the situation lacks something it refers to (a signal that abstained): a rule then
   * does not match, a constraint holds.
   */
  holds(situation: Situation): boolean;
}

export interface Constraint {
  readonly name: string;
  readonly when: Condition;
  readonly require: { readonly locality: Locality };
  /**
   * An upstream of another locality is not excluded, but gets the request with these masked. Where masking
   * is not possible, `require` holds.
   */
  readonly redact?: readonly PersonalKind[];
  /** Content of these kinds, which no signal reads, does not make it hold. */
  readonly letUnread?: readonly UnreadKind[];
}

interface Rule {
  readonly name: string;
  readonly when: Condition;
  /** Tiers, in order of preference. */
  readonly use: readonly RoutableTier[];
  /** How long answers are given again, in milliseconds; absent: not at all. */
  readonly cacheMs?: number;
}

/** A kind of task, defined by examples, and the tier that answers it. */
export interface Domain {
  readonly name: string;
  readonly examples: readonly string[];
  readonly use: RoutableTier;
}

/** `canary`, `shadow`: for this share of conversations. */
export type Mode =
  | 'off'
  | 'observe'
  | 'on'
  | { readonly canary: number }
  | { readonly shadow: number };

/** A mode for some keys: the condition refers to the key only. */
interface KeyMode {
  readonly when: Condition;
  readonly mode: Mode;
}

/** Bounds whose violation rolls the policy back to the previous version. Each is optional. */
export interface Guards {
  /** Share of requests that failed, 0 to 1. */
  readonly errorRate?: number;
  /** Limit of the 95th percentile of the time to first token. */
  readonly ttftMs?: number;
  /** Share of requests that the large tier answered, 0 to 1. */
  readonly largeShare?: number;
  readonly costUsdPerHour?: number;
  readonly windowMinutes: number;
  /** With fewer requests in the window, no guard is evaluated. */
  readonly minRequests: number;
}

export type Objective =
  | { readonly quality: number }
  | { readonly largeShare: number }
  | { readonly complexityBelow: number }
  /** Found by audits: the share of small answers that may be worse than the large model's. */
  | { readonly worseThanLarge: number; readonly confidence: number };

/** The complexity from which on the large tier is preferred, and how it follows from the objective. */
export interface Threshold {
  readonly value: number;
  readonly from: string;
}

/** What a threshold has to know of the model that answers the easy requests. */
export interface SmallModel {
  /**
   * Added to the logarithm of the odds that its answer would not do, against a good model of 3 to 4 billion
   * parameters: 0 is such a model, 1 fails about as often as that one on what is twice as hard.
   */
  readonly shift: number;
  /** Which model, and how that is known. */
  readonly said: string;
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
  /** Of `time.*` in conditions, an IANA name; absent: UTC. */
  readonly timeZone?: string;
  readonly threshold: Threshold;
  readonly targets: {
    readonly small: { readonly upstream: string; readonly model?: string };
    readonly large: { readonly upstream: string; readonly model?: string };
  };
  /** Absent: answers are not checked. `when` says for which requests; for all where there is none. */
  readonly verify?: VerifyPolicy & { readonly when?: Condition };
  /** Absent: no answer is audited. */
  readonly audits?: AuditPolicy;
  /** Added to the judge's word; absent: nothing was learned from this installation's own requests. */
  readonly learned?: LearnedHead;
  /** Absent: nothing is collected for distillation. `when` says of which requests; of all where there is none. */
  readonly collect?: CollectPolicy & { readonly when?: Condition };
  readonly domains: readonly Domain[];
  readonly constraints: readonly Constraint[];
  readonly rules: readonly Rule[];
  /** One of the rules does. */
  readonly keepsAnswers?: true;
  readonly whenUnavailable: {
    readonly large: 'serve-small' | 'refuse';
    /** Absent: `serve-large` for what is routed there, `refuse` for a caller who asked for it by name. */
    readonly small?: 'serve-large' | 'refuse';
    /** Where the wanted target refuses the gateway's own key: a mistake to be seen, unless said otherwise. */
    readonly credentials: 'serve-other' | 'refuse';
  };
}
