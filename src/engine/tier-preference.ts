import type { RoutableTier } from '../core/decision.ts';

/** What the policy prefers before exclusions: tiers in order, and the reason. */
export interface TierPreference {
  readonly rule: string;
  readonly reason: string;
  readonly tiers: readonly RoutableTier[];
  /** The rule lists its own fallback, so `whenUnavailable` does not apply. */
  readonly explicit: boolean;
  /** How long the rule gives answers again, in milliseconds. */
  readonly cacheMs?: number;
}
