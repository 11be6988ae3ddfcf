/** Budgets of money: what the configuration says, and what policies may ask. Amounts are integer nano-USD. */
import type { CalendarPeriod } from '../lib/calendar.ts';
import type { ErrorCode } from './errors.ts';

/** Whose spending it limits. */
export type BudgetScope =
  | { readonly kind: 'gateway' }
  | { readonly kind: 'team'; readonly name: string }
  | { readonly kind: 'key'; readonly name: string };

export interface Budget {
  readonly name: string;
  readonly scope: BudgetScope;
  readonly limitNanoUsd: number;
  readonly per: CalendarPeriod;
  /** IANA name of the time zone whose midnights begin a period. */
  readonly zone: string;
  /** Whether a model without a known price may be asked under it: its cost is then not counted. */
  readonly unpriced: 'refuse' | 'allow';
  /** Shares of the limit; when so much is spent it is said, once a period. */
  readonly warnAt: readonly number[];
  /** Is to last for its period: while it is spent too fast, fewer requests reach the large model. */
  readonly pace?: true;
  /** Holds the large model down over any hour; absent: only the limit does. */
  readonly large?: LargeCap;
}

/** At least one member is present. */
export interface LargeCap {
  /** Of the scope's requests, those that a large model may answer: above 0, at most 1. */
  readonly share?: number;
  readonly nanoUsdPerHour?: number;
  /** `clamp`: while a key's requests reach the large model as they usually do not, none that is routed does. */
  readonly onAnomaly?: 'warn' | 'clamp';
}

/** A target that this request cannot pay for now. Plain data: recorded, so that a replay decides the same. */
export interface Unaffordable {
  readonly upstream: string;
  readonly model: string;
  /** The budget's name. */
  readonly budget: string;
  readonly code: Extract<ErrorCode, 'policy_budget_exceeded' | 'policy_unpriced'>;
  readonly reason: string;
  /** The cap on the large model is reached, not the budget's limit. */
  readonly isCap?: true;
  /** When there is money again, in milliseconds since the epoch; absent: not by itself. */
  readonly untilMs?: number;
}

/** By the tightest budget of the caller. */
export interface BudgetFacts {
  /** Spent and reserved, as a share of the limit; 0 without a budget. */
  readonly spentShare: number;
  /** Absent without a budget, as is `pace`. */
  readonly leftUsd?: number;
  /** The share spent over the share that the plan has gone by now: above 1 the money will not last. */
  readonly pace?: number;
  /** Added to the policy's threshold so that a paced budget lasts; absent: nothing. */
  readonly shift?: number;
  readonly unaffordable?: readonly Unaffordable[];
}

export const NO_BUDGET: BudgetFacts = Object.freeze({ spentShare: 0 });

/** The state of a budget in its current period. */
export interface BudgetState {
  readonly budget: Budget;
  /** Names scope and period, the same in every process. */
  readonly account: string;
  readonly spentNanoUsd: number;
  readonly reservedNanoUsd: number;
  /** Of the period, in milliseconds since the epoch; the end is exclusive, and infinite for `all`. */
  readonly startMs: number;
  readonly endMs: number;
}
