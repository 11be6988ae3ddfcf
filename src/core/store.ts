/** The port of the record store. Kinds are in `stores/`; one test suite runs over all of them. */
import type { Secret } from '../lib/secret.ts';
import type { FigureFilters, Metric, SeriesLine } from './admin-figures.ts';
import type { Dimension } from './dimensions.ts';
import type { RequestRows, RowsQuery } from './admin-requests.ts';
import type { Totals } from './figures.ts';
import type { Audit } from './audit.ts';
import type { PolicyVersion } from './policy-store.ts';
import type { UsageRecord } from './record.ts';

/**
 * Which store is configured, and where it is; `path`, `spill` and `outbox` are absolute. Without an outbox what waits for Postgres is
 * in memory. `features`: records hold what the judge saw of a request, in numbers.
 */
export type StoreSettings =
  | {
      readonly kind: 'sqlite';
      readonly path: string;
      readonly spill?: string;
      readonly keepDays?: number;
      readonly features?: boolean;
    }
  | {
      readonly kind: 'postgres';
      readonly url: Secret;
      readonly outbox?: string;
      readonly keepDays?: number;
      readonly features?: boolean;
    }
  | { readonly kind: 'memory'; readonly keepDays?: never; readonly features?: boolean };

export interface LedgerQuery {
  /** Milliseconds since the epoch: from here, inclusive, to there, exclusive. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** At most this many, 1 to 1,000; default 100. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

/** Newest first. */
export interface LedgerPage {
  readonly records: readonly UsageRecord[];
  /** Absent on the last page. */
  readonly next?: string;
}

export interface LedgerStats {
  /** Records taken and not yet durable. */
  readonly queued: number;
  /** Age of the oldest of them, in milliseconds; 0 when there is none. */
  readonly lagMs: number;
  /** Records dropped since the start: the queue was full, or the store refused them. */
  readonly dropped: number;
  /** What is wrong with the store now; cleared when a write succeeds. */
  readonly problem?: string;
  /** How often a thread of its own ended and was started again, by the thread. */
  readonly restarts?: Readonly<Record<string, number>>;
  /** Rows that could not be written when it was closed, and where the next start finds them. */
  readonly spilled?: { readonly file: string; readonly rows: number; readonly nanoUsd: number };
  /** Rows that were kept, and not yet forwarded to where replicas read them, when it was closed. */
  readonly waiting?: { readonly file: string; readonly rows: number };
}

/** What a caller thought of an answer. */
export interface Feedback {
  readonly requestId: string;
  readonly atMs: number;
  readonly caller: string;
  /** From -1, useless, to 1, perfect. */
  readonly score: number;
  readonly comment?: string;
}

/** Milliseconds since the epoch: from here, inclusive, to there, exclusive. */
export interface FiguresWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly filters: FigureFilters;
}

export interface SeriesWindow {
  readonly metric: Metric;
  readonly by: Dimension | null;
  readonly filters: FigureFilters;
  /** When each step begins, and when the last one ends; all at quarters of an hour or, within one, at minutes. */
  readonly times: readonly number[];
  readonly endMs: number;
}

/** What a figure is known of. */
interface Coverage {
  /** Older records are still being counted: figures from before it are too low. Null: all are counted. */
  readonly countedFromMs: number | null;
}

/** Figures of records and lists of them, as of the records that were appended before the call. */
export interface FiguresReader {
  totals(window: FiguresWindow): Promise<Coverage & { readonly totals: Totals }>;
  series(window: SeriesWindow): Promise<Coverage & { readonly lines: readonly SeriesLine[] }>;
  /** @throws GatewayError `caller_invalid` for a cursor that is none */
  rows(query: RowsQuery): Promise<RequestRows>;
}

export interface Ledger {
  readonly figures: FiguresReader;
  /** Takes a record. Never waits and never throws; a record with a known id changes nothing. */
  append(record: UsageRecord): void;
  /**
   * Takes a record that is appended soon, before its request is answered: if this process is killed meanwhile, the next one has
   * it. Never throws; absent where a kill may lose what was not yet durable.
   */
  note?(record: UsageRecord): void;
  /** Every record that was appended before the call can be read, durable or not. */
  get(id: string): Promise<UsageRecord | undefined>;
  /** @throws GatewayError `caller_invalid` for a cursor that is none */
  list(query: LedgerQuery): Promise<LedgerPage>;
  /** Replaces what the same caller said of the same request. Durable when it resolves. */
  addFeedback(feedback: Feedback): Promise<void>;
  /** All feedback on a request, oldest first. */
  feedbackOn(requestId: string): Promise<readonly Feedback[]>;
  /** Keeps what an audit came to. Durable when it resolves. */
  addAudit(audit: Audit): Promise<void>;
  /** All audits since then, oldest first. */
  auditsSince(sinceMs: number): Promise<readonly Audit[]>;
  stats(): LedgerStats;
  /** Resolves when everything appended so far is durable or given up. */
  flush(): Promise<void>;
  /** Flushes and closes; later appends are dropped. */
  close(): Promise<void>;
}

/** Reads what a gateway keeps from another process, also while it is being written. */
export interface StateReader extends Pick<Ledger, 'get' | 'list' | 'auditsSince'> {
  /** All feedback that was given since then, oldest first: milliseconds since the epoch. */
  feedbackSince(sinceMs: number): Promise<readonly Feedback[]>;
  /** Every version that was saved, newest first. */
  policyVersions(): Promise<readonly PolicyVersion[]>;
  close(): Promise<void>;
}
