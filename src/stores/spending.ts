/** What is committed in an account, read beside the processes that spend. */
import type { SpendingAccount } from '../core/attempt-log.ts';
import type { Row } from './sqlite-row.ts';
import type { StateFile } from './state-file.ts';

export interface Spending {
  /** Over all processes. */
  of(account: SpendingAccount): { readonly spentNanoUsd: number; readonly reservedNanoUsd: number };
}

/** As the book of attempts has it; an account that nobody has used counts what its scope spent in the period. */
export function sqliteSpending({ db, read }: Pick<StateFile, 'db' | 'read'>): Spending {
  const committed = db.prepare('SELECT sum(nano_usd) AS nano FROM spending WHERE account = ?');
  const open = db.prepare(
    `SELECT sum(reserved_nano_usd) AS nano FROM attempts
     WHERE state = 'open' AND EXISTS (SELECT 1 FROM json_each(accounts) WHERE value = ?)`,
  );
  const past = db.prepare(
    `SELECT sum(CASE state WHEN 'open' THEN reserved_nano_usd ELSE used_nano_usd END) AS nano FROM attempts
     WHERE at_ms >= ? AND at_ms < ? AND (? = 'gateway' OR (? = 'team' AND team = ?) OR (? = 'key' AND caller = ?))`,
  );
  return {
    of: ({ key, scope, startMs, endMs }) =>
      read(() => {
        const { kind } = scope;
        const who = scope.kind === 'gateway' ? '' : scope.name;
        const all =
          nanoIn(committed.get(key)) ??
          nanoIn(past.get(startMs, endMs, kind, kind, who, kind, who));
        const reservedNanoUsd = nanoIn(open.get(key)) ?? 0;
        return { spentNanoUsd: (all ?? 0) - reservedNanoUsd, reservedNanoUsd };
      }),
  };
}

const nanoIn = (row: Row | undefined): number | undefined => {
  const nano = row?.['nano'];
  return typeof nano === 'number' ? nano : undefined;
};
