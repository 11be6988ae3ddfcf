/** The port between an attempt and the money that it may cost: `budgets/` implements it, the engine uses it. */
import type { BudgetFacts } from './budget.ts';
import type { Call, Caller } from './call.ts';
import type { Target } from './decision.ts';
import type { Attempt, Cost } from './record.ts';
import type { Features } from './signal.ts';

/** How an attempt ended, as far as its bill depends on it. */
export type Ended = Pick<Attempt, 'outcome' | 'status' | 'egressBytes' | 'usage' | 'cost'>;

/** What one paid attempt has reserved. */
export interface Payment {
  /** Written into the request in place of a larger limit, or of none: only so much output can be paid for. */
  readonly maxTokens?: number;
  /**
   * Resolves when the intent to pay is durable: before that no byte may leave.
   * @throws GatewayError `gateway_ledger_unavailable`, or `policy_budget_exceeded` where another process spent the money
   */
  durable(): Promise<void>;
  /** Books what was used; only the first call counts. The result replaces a cost that is not known. */
  settle(ended: Ended): Cost | undefined;
}

export interface Payments {
  /** What policies may ask, and which of the targets cannot be paid for; undefined where no budget limits the caller. */
  facts(call: Call, features: Features, targets: () => readonly Target[]): BudgetFacts | undefined;
  /**
   * Reserves the most that the attempt can cost, in all budgets of the caller or in none; undefined for what is free. Synchronous.
   * @throws GatewayError `policy_budget_exceeded` or `policy_unpriced`
   */
  reserve(call: Call, features: Features, target: Target): Payment | undefined;
  /** The tightest budget of the caller, as `x-smallfirst-budget` says it; undefined without one. */
  header(caller: Caller): string | undefined;
}
