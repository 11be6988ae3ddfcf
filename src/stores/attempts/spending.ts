/** What is committed in an account, and what a scope spent in a period. */
import type { DatabaseSync } from 'node:sqlite';
import type { SpendingAccount } from '../../core/attempt-log.ts';
import type { Soon } from '../../lib/soon.ts';
import type { Row } from '../sqlite/row.ts';
import type { StateFile } from '../sqlite/state-file.ts';

export interface Spending {
  /** Over all processes. */
  of(
    account: SpendingAccount,
  ): Soon<{ readonly spentNanoUsd: number; readonly reservedNanoUsd: number }>;
}

/** As the book of attempts has it, read beside the processes that spend. */
export function sqliteSpending({ db, read }: Pick<StateFile, 'db' | 'read'>): Spending {
  const committed = db.prepare('SELECT sum(nano_usd) AS nano FROM spending WHERE account = ?');
  const open = db.prepare(
    `SELECT sum(reserved_nano_usd) AS nano FROM attempts
     WHERE state = 'open' AND EXISTS (SELECT 1 FROM json_each(accounts) WHERE value = ?)`,
  );
  const past = spentInScope(db);
  return {
    of: (account) =>
      read(() => {
        const all = nanoIn(committed.get(account.key)) ?? past(account);
        const reservedNanoUsd = nanoIn(open.get(account.key)) ?? 0;
        return { spentNanoUsd: all - reservedNanoUsd, reservedNanoUsd };
      }),
  };
}

const WHOSE = "(? = 'gateway' OR (? = 'team' AND team = ?) OR (? = 'key' AND caller = ?))";

/** Nano-USD of all attempts of a scope in a period, those under way as reserved, and those that were pruned by their sums. */
export function spentInScope(
  db: DatabaseSync,
): (account: Pick<SpendingAccount, 'scope' | 'startMs' | 'endMs'>) => number {
  const kept = db.prepare(
    `SELECT sum(CASE state WHEN 'open' THEN reserved_nano_usd ELSE used_nano_usd END) AS nano FROM attempts
     WHERE at_ms >= ? AND at_ms < ? AND ${WHOSE}`,
  );
  const pruned = db.prepare(
    `SELECT sum(nano_usd) AS nano FROM attempt_sums WHERE day_ms >= ? AND day_ms < ? AND ${WHOSE}`,
  );
  return ({ scope, startMs, endMs }) => {
    const { kind } = scope;
    const who = scope.kind === 'gateway' ? '' : scope.name;
    const scoped = [startMs, endMs, kind, kind, who, kind, who] as const;
    return (nanoIn(kept.get(...scoped)) ?? 0) + (nanoIn(pruned.get(...scoped)) ?? 0);
  };
}

const nanoIn = (row: Row | undefined): number | undefined => {
  const nano = row?.['nano'];
  return typeof nano === 'number' ? nano : undefined;
};
