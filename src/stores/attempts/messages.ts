/** The messages between the book of attempts and the ledger's thread. */
import type { AttemptEnd, AttemptIntent, SpendingAccount } from '../../core/attempt-log.ts';

/** One process's run: it shares the file with others, and is known as dead when its process is gone. */
export interface Boot {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When its process began, in milliseconds since the epoch: a later process may have the same number. */
  readonly startedMs: number;
}

/** In the order in which they happened: an end frees money for the intents after it. */
export type AttemptOp = { readonly open: AttemptIntent } | { readonly end: AttemptEnd };

export type AttemptQuestion =
  | { readonly kind: 'attempts'; readonly boot: Boot; readonly ops: readonly AttemptOp[] }
  | {
      readonly kind: 'committed';
      readonly boot: Boot;
      readonly accounts: readonly SpendingAccount[];
    }
  /** The process lives: it says so, finds those that do not, and learns what stands open. */
  | { readonly kind: 'beat'; readonly boot: Boot; readonly atMs: number }
  /** The process ends: its open intents have nobody any more. */
  | { readonly kind: 'farewell'; readonly boot: Boot };

/** An intent that was not written, by the budget that is used up; null: the disk is full. */
export interface Refused {
  readonly id: string;
  readonly budget: string | null;
}

/** What a batch of operations answers, as JSON. */
export interface Booked {
  readonly refused: readonly Refused[];
  readonly elsewhere: readonly { readonly key: string; readonly nanoUsd: number }[];
}

export interface Beat {
  /** Processes that live, this one among them. */
  readonly processes: number;
  readonly unreconciled: number;
  readonly unreconciledNanoUsd: number;
  readonly oldestUnreconciledMs?: number;
  /** Intents of dead processes that were found now, and what they had reserved. */
  readonly recovered: number;
  readonly recoveredNanoUsd: number;
}
