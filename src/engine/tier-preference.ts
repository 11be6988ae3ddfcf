import type { RoutableTier } from '../core/decision.ts';

/** What is wanted, before anything is excluded: tiers in order, and the words that explain it. */
export interface TierPreference {
  readonly rule: string;
  readonly reason: string;
  readonly tiers: readonly RoutableTier[];
  /** The rule lists a second choice itself, so `whenUnavailable` has no say. */
  readonly explicit: boolean;
}
