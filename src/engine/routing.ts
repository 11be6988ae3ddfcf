import type { Decision, ModelSelector, Snapshot } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import type { Features, Readings, Signal } from '../core/signal.ts';

/** Everything that led to a decision; what `explain` and `/v1/route` show. */
export interface Routing {
  readonly ask: ModelSelector;
  readonly features: Features;
  readonly readings: Readings;
  readonly snapshot: Snapshot;
  readonly decision: Decision;
  readonly policy: Policy;
  /** Those that gave the readings. */
  readonly signals: readonly Signal[];
}

/** A judgement that failed keeps what was known by then: its record holds it. */
export type Judgement =
  | { readonly kind: 'judged'; readonly routing: Routing }
  | { readonly kind: 'failed'; readonly error: unknown; readonly known: Partial<Routing> };
