/** What a gateway keeps between requests, whatever it is kept in. */
import type { AttemptLog } from '../core/attempt-log.ts';
import type { BudgetStore } from '../core/budget-settings.ts';
import type { Claims } from '../core/claims.ts';
import type { Conversations } from '../core/conversations.ts';
import type { KeptAnswers } from '../core/kept-answers.ts';
import type { KeyStore } from '../core/keys.ts';
import type { Owners } from '../core/owners.ts';
import type { Peers } from '../core/peers.ts';
import type { Places } from '../core/places.ts';
import type { PolicyStore } from '../core/policy-store.ts';
import type { RateBuckets } from '../core/rate-limits.ts';
import type { SessionStore } from '../core/sessions.ts';
import type { Ledger } from '../core/store.ts';
import type { ResponseStore } from '../core/stored-responses.ts';
import type { ByteBudget } from '../lib/byte-budget.ts';
import type { Secret } from '../lib/secret.ts';
import type { Spending } from './attempts/spending.ts';
import type { Spawn } from './sqlite/thread.ts';
import type { MissingRows } from './sqlite/watermark.ts';

/** The state that a request reads and writes. */
export interface RequestState {
  readonly responses: ResponseStore;
  readonly conversations: Conversations;
  readonly attempts: AttemptLog;
  readonly rates: RateBuckets;
  /** Of requests at once. */
  readonly places: Places;
  readonly answers: KeptAnswers;
  /** What a retry may be answered with that comes to another replica, or after a restart; absent: nothing is. */
  readonly replays?: KeptAnswers;
  /** Why the Redis that replicas share cannot be used; absent: there is none. */
  readonly redisProblem?: () => string | undefined;
}

export interface Stores extends RequestState {
  readonly ledger: Ledger;
  readonly policies: PolicyStore;
  readonly keys: KeyStore;
  readonly budgets: BudgetStore;
  readonly owners: Owners;
  readonly claims: Claims;
  /** Rows that were acknowledged before this start, and are not there. */
  readonly missingRows: number;
  /** Processes that share this state, as far as is known here: at least this one. */
  readonly replicas: () => number;
  readonly sessions: SessionStore;
  /** Resolves when every record is durable or dropped. */
  close(): Promise<void>;
}

/** What a start finds of the processes before it. */
export interface Recovered {
  /** Paid attempts without an end, and what they had reserved. */
  readonly recovered: number;
  readonly recoveredNanoUsd: number;
  /** Rows that an earlier process could not write, and that are in the ledger now. */
  readonly taken: { readonly rows: number; readonly nanoUsd: number };
  /** Rows that were acknowledged and are not in the file. */
  readonly missing?: MissingRows;
}

export interface StoreTools {
  /** The Redis that replicas share; absent: each has its own limits. */
  readonly redis?: Secret | undefined;
  /** Called with the reason when that Redis begins to fail, and with undefined when it has worked for a minute. */
  readonly onRedisProblem?: ((problem: string | undefined) => void) | undefined;
  /** The other processes of this gateway. */
  readonly peers?: Peers | undefined;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  /** What responses and answers that are kept count against. */
  readonly memory?: ByteBudget | undefined;
  /**
   * Called when writes to the ledger begin to fail, with the reason, and with undefined when they succeed
   * again. A ledger in memory never fails.
   */
  readonly onLedgerProblem: (problem: string | undefined) => void;
  /** Called at the start. */
  readonly onRecovered?: (found: Recovered) => void;
  /** Starts the thread of a file. */
  readonly spawn?: Spawn | undefined;
}

/** The budgets that commands set, and what is committed in each account. */
export interface BudgetsOfStore {
  readonly budgets: BudgetStore;
  readonly spending: Spending;
}

/** What outlives the process. */
export type Durable = Omit<
  Stores,
  'responses' | 'conversations' | 'rates' | 'places' | 'answers' | 'redisProblem' | 'close'
>;
