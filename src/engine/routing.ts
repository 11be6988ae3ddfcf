import type { Decision, ModelSelector, Snapshot } from '../core/decision.ts';
import type { Payment } from '../core/payment.ts';
import type { Policy } from '../core/policy.ts';
import type { Features, Readings, Signal } from '../core/signal.ts';
import type { Cached } from './answer-cache.ts';

/** A decision and its inputs; what `explain` and `/v1/route` show. */
export interface Routing {
  readonly ask: ModelSelector;
  readonly features: Features;
  readonly readings: Readings;
  readonly snapshot: Snapshot;
  readonly decision: Decision;
  readonly policy: Policy;
  /** The signals that gave the readings. */
  readonly signals: readonly Signal[];
}

/** A failed routing keeps what was known, for its record. */
export type Judgement =
  | {
      readonly kind: 'judged';
      readonly routing: Routing;
      /** What the first target may cost is reserved; undefined where it is free, or nothing is sent. */
      readonly payment: Payment | undefined;
      /** Undefined where the deciding rule keeps no answers. */
      readonly cached: Cached | undefined;
    }
  | { readonly kind: 'failed'; readonly error: unknown; readonly known: Partial<Routing> };
