/** The messages between the ledger and its thread. */

/** A page's bounds, with the cursor decoded: from `sinceMs` up to, and without, this record. */
export interface PageQuery {
  readonly sinceMs: number;
  readonly beforeMs: number;
  readonly beforeId: string;
  readonly limit: number;
}

/** A record as it is stored: what is looked up in SQL, so that the thread need not parse it, and the record as JSON. */
export type RecordRow = readonly [
  id: string,
  atMs: number,
  caller: string,
  /** Of the last attempt. */
  upstream: string | null,
  outcome: string,
  /** The sum of the known costs; null where none is. */
  costNanoUsd: number | null,
  record: string,
];

export type Question =
  /** One list of short texts: joined to one, or encoded, they take seven and twenty times as long to hand over (measured). */
  | { readonly kind: 'write'; readonly rows: readonly RecordRow[] }
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
