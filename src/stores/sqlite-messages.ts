/** The messages between the ledger and its thread. */

/** A page's bounds, with the cursor decoded: from `sinceMs` up to, and without, this record. */
export interface PageQuery {
  readonly sinceMs: number;
  readonly beforeMs: number;
  readonly beforeId: string;
  readonly limit: number;
}

export type Question =
  /**
   * Records as JSON, one per line: cheaper to transfer than objects, and cheaper than encoding
   * UTF-8.
   */
  | { readonly kind: 'write'; readonly lines: string }
  | { readonly kind: 'get'; readonly id: string }
  | { readonly kind: 'list'; readonly query: PageQuery }
  | { readonly kind: 'add-feedback'; readonly requestId: string; readonly line: string }
  | { readonly kind: 'feedback'; readonly requestId: string }
  | { readonly kind: 'close' };

/** Rows are records or feedback as JSON; a write returns none. */
export type Reply =
  | { readonly seq: number; readonly rows: readonly string[] }
  | { readonly seq: number; readonly failure: string };

export interface Asked {
  readonly seq: number;
  readonly question: Question;
}

/** The sequence number of the thread's first message, before any question. */
export const OPENED = 0;
