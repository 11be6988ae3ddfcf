/** `budgets list|set|remove`: budgets in the configured store, beside a running gateway. */
import { defineCommand } from 'citty';
import {
  budgetAdmin,
  openBudgetStore,
  openKeyStore,
  shownKeys,
  spentBeside,
} from '../../offline.ts';
import type { BudgetAdmin, ShownBudget } from '../../core/budget-settings.ts';
import type { Act } from '../../core/policy-store.ts';
import { osUser } from '../../lib/os-user.ts';
import { storeConfig, sayNewState } from '../command-config.ts';
import { exitOnError } from '../exit-on-error.ts';
import { aligned, when } from '../format-table.ts';
import { newBudgetOf } from './new-budget.ts';

const config = { type: 'string', description: 'The configuration (smallfirst.yaml)' } as const;
const json = { type: 'boolean', description: 'As JSON' } as const;
const name = {
  type: 'positional',
  required: true,
  description: 'The name of the budget',
} as const;
const text = (description: string) => ({ type: 'string', description }) as const;

interface Given {
  readonly config?: string | undefined;
}

/** A failure of `run` is one line on standard error, and exit code 1. */
const withBudgets = (
  args: Given,
  run: (budgets: BudgetAdmin, act: Act) => Promise<string>,
): Promise<void> =>
  exitOnError(async () => {
    const loaded = storeConfig(args.config);
    sayNewState(loaded.store);
    const { budgets: store, spending } = openBudgetStore(loaded.store);
    const keys = openKeyStore(loaded.store);
    try {
      const act = { who: osUser(), note: '', atMs: Date.now() };
      const admin = budgetAdmin(loaded, {
        store,
        stateOf: spentBeside(spending, () => act.atMs),
        keys: () => shownKeys(loaded, keys),
      });
      process.stdout.write(`${await run(admin, act)}\n`);
    } finally {
      await Promise.all([store.close(), keys.close()]);
    }
  });

const list = defineCommand({
  meta: { name: 'list', description: 'Every budget and how it stands' },
  args: { config, json },
  run: ({ args }) =>
    withBudgets(args, async (budgets) => {
      const all = await budgets.list();
      return args.json ? JSON.stringify({ budgets: all }) : budgetTable(all);
    }),
});

const set = defineCommand({
  meta: { name: 'set', description: 'Make a budget, or replace the one of its name' },
  args: {
    name,
    limit: {
      type: 'positional',
      required: true,
      description: 'US dollars and a period: 50/month, 5/day, 20/week or 100/all',
    },
    key: text('The key whose spending it limits (else the whole gateway’s)'),
    team: text('The team whose spending it limits'),
    zone: text('The time zone whose midnights begin a period (UTC)'),
    'warn-at': text('Say so when these shares are spent: 50%,80%'),
    pace: {
      type: 'boolean',
      description: 'It is to last for its period: spent too fast, fewer requests go large',
    },
    'large-share': text('Of its requests in any hour, those that the large model may answer: 40%'),
    'large-per-hour': text('US dollars that the large model may cost in any hour: 1.5'),
    unpriced: text('allow: models without a known price may be asked, uncounted'),
    config,
    json,
  },
  run: ({ args }) =>
    withBudgets(args, async (budgets, act) => {
      const shown = await budgets.set(newBudgetOf(args), act);
      return args.json
        ? JSON.stringify(shown)
        : `Budget '${shown.name}' is set: ${shown.usd} USD per ${shown.per}, of which ${shown.leftUsd} are left. A running gateway follows within a second.`;
    }),
});

const remove = defineCommand({
  meta: { name: 'remove', description: 'Limit no longer; what was spent stays in the ledger' },
  args: { name, config, json },
  run: ({ args }) =>
    withBudgets(args, async (budgets, act) => {
      await budgets.remove(args.name, act);
      return args.json
        ? JSON.stringify({ name: args.name, removed: true })
        : `Budget '${args.name}' is removed. A running gateway follows within a second.`;
    }),
});

function budgetTable(budgets: readonly ShownBudget[]): string {
  if (budgets.length === 0)
    return 'There is no budget yet. `smallfirst budgets set NAME 50/month` makes one.';
  const head = ['name', 'scope', 'limit USD', 'per', 'spent', 'reserved', 'left', 'resets', 'from'];
  const rows = budgets.map((budget) => [
    budget.name,
    budget.scope === 'gateway' ? 'gateway' : Object.entries(budget.scope).flat().join(' '),
    String(budget.usd),
    budget.per,
    String(budget.spentUsd),
    String(budget.reservedUsd),
    String(budget.leftUsd),
    budget.resetsMs === undefined ? 'never' : when(budget.resetsMs),
    budget.from,
  ]);
  return aligned([head, ...rows]);
}

export const budgetsCommand = defineCommand({
  meta: { name: 'budgets', description: 'Limits on what is spent, in the configured store' },
  subCommands: { list, set, remove },
});
