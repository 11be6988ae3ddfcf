/** The port of the book of attempts: what every call to a paid upstream may cost, written before it, and did cost, written after. */
import type { BudgetScope } from './budget.ts';

/** Written, and durable, before the first byte leaves. */
export interface AttemptIntent {
  readonly id: string;
  readonly requestId: string;
  /** When the money was reserved, in milliseconds since the epoch: it counts in the period of this time. */
  readonly atMs: number;
  readonly caller: string;
  readonly team: string | null;
  readonly upstream: string;
  readonly model: string;
  /** The price list that the reservation was made by. */
  readonly prices: string;
  readonly reservedNanoUsd: number;
  /** Limits that must hold over all processes. */
  readonly limits: readonly SpendingLimit[];
}

/** So much may be committed in one account: a scope in a period. */
export interface SpendingLimit extends SpendingAccount {
  readonly limitNanoUsd: number;
  /** Of the budget, for messages. */
  readonly budget: string;
}

export interface SpendingAccount {
  readonly key: string;
  readonly scope: BudgetScope;
  readonly startMs: number;
  readonly endMs: number;
  /** Accounts, this one among them, whose sum the limit holds for; they count nothing from before they were first used. */
  readonly window?: readonly string[];
}

/** Settled: what was used is known. Released: nothing was. Unknown: charged as it was reserved, until a bill says better. */
export type AttemptState = 'settled' | 'released' | 'unknown';

export interface AttemptEnd {
  readonly id: string;
  readonly atMs: number;
  readonly state: AttemptState;
  readonly usedNanoUsd: number;
}

/** What the log knows of an account beside this process. */
interface CommittedElsewhere {
  readonly key: string;
  readonly nanoUsd: number;
}

/** What became of an intent: whether the money is there over all processes, and what the others have committed. */
export interface IntentReceipt {
  /** The budget that another process has used up meanwhile; the intent was not written. */
  readonly refusedBy?: string;
  readonly elsewhere: readonly CommittedElsewhere[];
}

interface AttemptLogStats {
  /** Intents of this process without an end. */
  readonly open: number;
  /** Ends that are not durable yet. */
  readonly queued: number;
  /** Charged as reserved, over all that is kept. */
  readonly unreconciledNanoUsd: number;
  /** How many those are, and when the oldest of them was, in milliseconds since the epoch. */
  readonly unreconciled: number;
  readonly oldestUnreconciledMs?: number;
}

export interface AttemptLog {
  /** Resolves when it is durable. @throws GatewayError `gateway_ledger_unavailable` when it cannot be written in time */
  open(intent: AttemptIntent): Promise<IntentReceipt>;
  /** Takes the end of an attempt: never waits, never throws. */
  end(end: AttemptEnd): void;
  /** What was committed in these accounts by other processes, this one's predecessors included. */
  committed(accounts: readonly SpendingAccount[]): Promise<readonly CommittedElsewhere[]>;
  stats(): AttemptLogStats;
  /** Nano-USD of an account that this process holds and nobody has used; absent where processes lease nothing. */
  leased?(account: string): number;
}
