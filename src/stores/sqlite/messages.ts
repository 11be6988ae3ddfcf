/** The messages between the ledger and its thread. */
import type { AttemptQuestion, Boot } from '../attempts/messages.ts';
import type { RowsQuery } from '../../core/admin-requests.ts';
import type { KeptContents } from '../../core/object-contents.ts';
import type { FiguresWindow, SeriesWindow } from '../../core/store.ts';
import type { ClaimRow } from '../../core/claims.ts';
import type { ThreadReply } from '../../lib/supervised-thread.ts';
import type { OutboxQuestion } from '../outbox/outbox.ts';
import type { OwnerRow } from '../tables/owner-rows.ts';
import type { RowBatch } from '../write-behind/row-batches.ts';
import type { NewWords } from './words.ts';
import type { MissingRows } from './watermark.ts';

/** A page's bounds, with the cursor decoded: from `sinceMs` up to, and without, this record. */
export interface PageQuery {
  readonly sinceMs: number;
  readonly beforeMs: number;
  readonly beforeId: string;
  readonly limit: number;
}

/** Packed records, one after the other. */
export interface Batch extends RowBatch {
  readonly words: NewWords;
}

/** What callers and audits say of answers. */
export type QualityQuestion =
  | {
      readonly kind: 'add-feedback';
      readonly requestId: string;
      readonly caller: string;
      readonly line: string;
    }
  | { readonly kind: 'add-audit'; readonly atMs: number; readonly line: string }
  | { readonly kind: 'audits'; readonly sinceMs: number }
  | { readonly kind: 'feedback'; readonly requestId: string };

/** Answered with one row: the answer as JSON. */
export type FiguresQuestion =
  | { readonly kind: 'totals'; readonly window: FiguresWindow }
  | { readonly kind: 'series'; readonly window: SeriesWindow }
  | { readonly kind: 'rows'; readonly query: RowsQuery };

export type RollupQuestion =
  | { readonly kind: 'figures'; readonly about: FiguresQuestion }
  | { readonly kind: 'count-older'; readonly most: number };

export type Question =
  | { readonly kind: 'write'; readonly batch: Batch }
  | { readonly kind: 'get'; readonly id: string }
  | { readonly kind: 'list'; readonly query: PageQuery }
  | QualityQuestion
  | KeptQuestion
  | RollupQuestion
  | OutboxQuestion
  | AttemptQuestion;

/** About what is kept beside records. */
export type KeptQuestion =
  | { readonly kind: 'claim'; readonly row: ClaimRow; readonly sinceMs: number }
  | { readonly kind: 'release'; readonly id: string }
  | { readonly kind: 'own'; readonly rows: readonly OwnerRow[] }
  | { readonly kind: 'widen'; readonly id: string; readonly more: KeptContents | undefined }
  /** Answered with how many were deleted, as JSON; 0 of both: nothing is left. */
  | { readonly kind: 'prune'; readonly beforeMs: number; readonly most: number }
  /** The first question of a process. */
  | { readonly kind: 'start'; readonly boot: Boot; readonly atMs: number }
  | { readonly kind: 'close' };

/** What a start finds, as JSON. */
export interface Found {
  readonly missing?: MissingRows;
  /** At most so many records are in the file. */
  readonly records: number;
  /** The last process did not stop in order. */
  readonly wasKilled: boolean;
}

/**
 * Rows are records, feedback or audits as JSON; a write returns the ids of those that can never be stored, `count-older` one
 * where there are more to count.
 */
export type Reply = ThreadReply<readonly string[]>;
