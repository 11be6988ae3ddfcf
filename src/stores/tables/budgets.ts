/** Budgets on SQLite, in the ledger's file: those that a command or the admin API set. */
import type { DatabaseSync } from 'node:sqlite';
import type { BudgetSettings, BudgetStore, StoredBudget } from '../../core/budget-settings.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Act, Detail } from '../../core/policy-store.ts';
import { append } from './audit-log.ts';
import { markedVersion, raiseVersion } from './marks.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import { stateFile, type StateFile } from '../sqlite/state-file.ts';

const VERSION = 'budgets-version';

/** `at`: the ledger's file, or `:memory:`. @throws GatewayError that says what is wrong with the file */
export function sqliteBudgets(at: string | StateFile): BudgetStore {
  const { db, read, change, close } = stateFile(at);
  return {
    version: async () => read(() => markedVersion(db, VERSION)),
    list: async () =>
      read(() => db.prepare('SELECT * FROM budgets ORDER BY name').all().map(asBudget)),
    set: async (settings, act) => change(() => set(db, settings, act)),
    remove: async (name, act) => change(() => remove(db, name, act)),
    mayWarn: async (account, share, atMs) => change(() => mayWarn(db, [account, share, atMs])),
    close: async () => close(),
  };
}

export const asBudget = (row: Row): StoredBudget => ({
  // Only `set` writes here, what `budgetSettings` has checked.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  settings: JSON.parse(text(row, 'settings')) as BudgetSettings,
  setMs: number(row, 'set_ms'),
  setBy: text(row, 'set_by'),
});

function set(db: DatabaseSync, settings: BudgetSettings, act: Act): void {
  const { name } = settings;
  db.prepare(
    `INSERT INTO budgets (name, settings, set_ms, set_by) VALUES (?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET settings = excluded.settings, set_ms = excluded.set_ms, set_by = excluded.set_by`,
  ).run(name, JSON.stringify(settings), act.atMs, act.who);
  raiseVersion(db, VERSION);
  append(db, 'budget_set', act, budgetDetail(settings));
}

function remove(db: DatabaseSync, name: string, act: Act): void {
  const { changes } = db.prepare('DELETE FROM budgets WHERE name = ?').run(name);
  if (changes === 0) {
    throw noSuchBudget(name);
  }
  raiseVersion(db, VERSION);
  append(db, 'budget_removed', act, { budget: name });
}

export const noSuchBudget = (name: string): GatewayError =>
  new GatewayError(
    'caller_not_found',
    `No budget '${name.slice(0, 80)}' is in the store. \`smallfirst budgets list\` shows those that are.`,
  );

/** What the audit log has of a budget: whose it is as `gateway`, `team support` or `key bot`. */
export const budgetDetail = (settings: BudgetSettings): Detail => {
  const { name, usd, per } = settings;
  return { budget: name, scope: scopeText(settings), usd, per };
};

const scopeText = ({ scope }: BudgetSettings): string =>
  scope === 'gateway' ? scope : Object.entries(scope).flat().join(' ');

function mayWarn(
  db: DatabaseSync,
  warning: readonly [account: string, share: number, atMs: number],
): boolean {
  const { changes } = db
    .prepare(
      'INSERT INTO budget_warnings (account, share, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    )
    .run(...warning);
  return changes === 1;
}
