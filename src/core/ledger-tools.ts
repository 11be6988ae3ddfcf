/** The port of what is done to a ledger beside the gateway that writes it: reconciling, checking, copying, pruning. */
import type { Act } from './policy-store.ts';

/** Milliseconds since the epoch; the end is exclusive. */
interface TimeSpan {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** Of the book of attempts, what a provider's bill is compared with; days are those of UTC. */
export interface AttemptsOfDays {
  readonly booked: readonly {
    readonly day: string;
    readonly model: string;
    readonly settledNanoUsd: number;
    /** Calls under way. */
    readonly open: number;
  }[];
  readonly unknown: readonly {
    readonly id: string;
    readonly day: string;
    readonly model: string;
    readonly reservedNanoUsd: number;
  }[];
  /** Whose attempts these are. */
  readonly upstreams: readonly string[];
}

/** One paid call, or more of a day that were pruned. */
export interface PaidCalls {
  readonly atMs: number;
  readonly caller: string;
  readonly team: string;
  readonly upstream: string;
  readonly model: string;
  readonly calls: number;
  readonly nanoUsd: number;
  /** Charged as reserved, or still under way. */
  readonly isUnknown: boolean;
}

export interface LedgerCheck {
  /** What is wrong, in words; empty: nothing. */
  readonly problems: readonly string[];
  readonly records: number;
  readonly attempts: number;
  /** Charged as reserved. */
  readonly unknown: number;
  readonly unknownNanoUsd: number;
  readonly open: number;
  readonly auditEvents: number;
  /** Of the file and what is not yet in it. */
  readonly bytes: number;
}

export interface Pruned {
  readonly records: number;
  readonly attempts: number;
}

/** One table, in the file and in Postgres. */
export interface MigratedTable {
  readonly table: string;
  readonly rows: readonly [from: number, to: number];
  readonly nanoUsd: readonly [from: number, to: number];
}

export const isWhole = ({ rows, nanoUsd }: MigratedTable): boolean =>
  rows[0] === rows[1] && nanoUsd[0] === nanoUsd[1];

/** Each may reject with a GatewayError that says what is wrong with the store. */
export interface LedgerTools {
  /** @param upstream of this one alone; undefined: of all */
  attempts(span: TimeSpan, upstream?: string): Promise<AttemptsOfDays>;
  /** Every paid call, and the sums of those that were pruned, by their day of UTC. In no order. */
  calls(span: TimeSpan): Iterable<PaidCalls> | AsyncIterable<PaidCalls>;
  /** Ends attempts whose cost was not known, in one step with a line in the audit log. Returns how many still were so. */
  close(
    ends: readonly { readonly id: string; readonly usedNanoUsd: number }[],
    act: Act,
    detail: Readonly<Record<string, string | number>>,
  ): Promise<number>;
  check(): Promise<LedgerCheck>;
  /** Copies the whole file, as it is at one moment, while it is written. @throws Error where the copy's place is taken */
  backup(path: string): Promise<void>;
  /**
   * Deletes records and ended attempts from before then; their sums of money by day stay. What is not known, policies, keys, owners
   * and the audit log stay as they are. Where nothing is old enough, nothing is noted.
   */
  prune(beforeMs: number, act: Act, abort?: AbortSignal): Promise<Pruned>;
  end(): Promise<void>;
}

/** How the ledger of a running gateway stands. */
interface LedgerStanding {
  readonly kind: 'sqlite' | 'postgres' | 'memory';
  readonly keepDays: number | null;
  /** Records that are not durable yet, the age of the oldest in milliseconds, and those that were given up. */
  readonly queued: number;
  readonly lagMs: number;
  readonly dropped: number;
  readonly problem: string | null;
  readonly missingRows: number;
  readonly openIntents: number;
  /** Charged as reserved. */
  readonly unreconciledUsd: number;
  readonly oldestUnreconciledMs: number | null;
}

/** What `/admin/ledger` does. */
export interface LedgerAdmin {
  standing(): LedgerStanding;
  /** `given`: `{ keepDays }`, unchecked. @throws GatewayError in words */
  prune(given: unknown, act: Act): Promise<Pruned>;
}
