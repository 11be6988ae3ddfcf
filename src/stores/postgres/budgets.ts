/** Budgets in Postgres: those that a command or the admin API set, and what is committed in each account. */
import type { SpendingAccount } from '../../core/attempt-log.ts';
import type { BudgetStore } from '../../core/budget-settings.ts';
import { asBudget, budgetDetail, noSuchBudget } from '../tables/budgets.ts';
import { number } from '../sqlite/row.ts';
import type { Spending } from '../attempts/spending.ts';
import type { Changes } from './changes.ts';
import type { Postgres } from './port.ts';

export function postgresBudgets({ query, change, version }: Changes): Omit<BudgetStore, 'close'> {
  return {
    version: () => version('budgets'),
    list: async () => (await query('SELECT * FROM budgets ORDER BY name')).map(asBudget),
    set: (settings, act) =>
      change(async (within) => {
        await within.query(
          `INSERT INTO budgets (name, settings, set_ms, set_by) VALUES ($1, $2, $3, $4)
           ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, set_ms = excluded.set_ms, set_by = excluded.set_by`,
          [settings.name, JSON.stringify(settings), act.atMs, act.who],
        );
        await within.raise('budgets');
        await within.log('budget_set', act, budgetDetail(settings));
      }),
    remove: (name, act) =>
      change(async (within) => {
        const gone = await within.query('DELETE FROM budgets WHERE name = $1 RETURNING name', [
          name,
        ]);
        if (gone.length === 0) throw noSuchBudget(name);
        await within.raise('budgets');
        await within.log('budget_removed', act, { budget: name });
      }),
    mayWarn: async (account, share, atMs) => {
      const first = await query(
        'INSERT INTO budget_warnings (account, share, at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1 AS first',
        [account, share, atMs],
      );
      return first.length === 1;
    },
  };
}

/** As leases and rows have it. What is leased and not used counts as reserved. */
export const postgresSpending = ({ query }: Pick<Postgres, 'query'>): Spending => ({
  of: async ({ key, scope, startMs, endMs }: SpendingAccount) => {
    await query('SELECT smallfirst_begin($1, $2, $3, $4, $5)', [
      key,
      scope.kind,
      scope.kind === 'gateway' ? '' : scope.name,
      Number.isFinite(startMs) ? startMs : 0,
      Number.isFinite(endMs) ? endMs : Number.MAX_VALUE,
    ]);
    const [row = {}] = await query(
      `SELECT (SELECT coalesce(sum(greatest(granted, booked)), 0) FROM leases WHERE account = $1) AS committed,
         (SELECT coalesce(sum(booked), 0) FROM leases WHERE account = $1) AS booked,
         (SELECT coalesce(sum(reserved_nano_usd), 0) FROM attempts WHERE state = 'open' AND $1 = ANY (accounts)) AS open`,
      [key],
    );
    const spentNanoUsd = number(row, 'booked') - number(row, 'open');
    return { spentNanoUsd, reservedNanoUsd: number(row, 'committed') - spentNanoUsd };
  },
});
