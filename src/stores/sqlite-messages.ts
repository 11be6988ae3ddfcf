/** What the ledger and its thread say to each other. */

/** A page's bounds, cursor already read: from `sinceMs`, to the record before this one. */
export interface PageQuery {
  readonly sinceMs: number;
  readonly beforeMs: number;
  readonly beforeId: string;
  readonly limit: number;
}

export type Question =
  /** Records as JSON, one a line: cheaper to hand over than objects, and than UTF-8 is to make. */
  | { readonly kind: 'write'; readonly lines: string }
  | { readonly kind: 'get'; readonly id: string }
  | { readonly kind: 'list'; readonly query: PageQuery }
  | { readonly kind: 'add-feedback'; readonly requestId: string; readonly line: string }
  | { readonly kind: 'feedback'; readonly requestId: string }
  | { readonly kind: 'close' };

/** Rows are records or feedback as JSON; what only writes gives none. */
export type Reply =
  | { readonly seq: number; readonly rows: readonly string[] }
  | { readonly seq: number; readonly failure: string };

export interface Asked {
  readonly seq: number;
  readonly question: Question;
}

/** The thread's first word, before any question. */
export const OPENED = 0;
