import { expect, test } from 'vitest';
import { createPayments } from '../budgets/payments.ts';
import { budgetOf, type BudgetSettings, type BudgetStore } from '../core/budget-settings.ts';
import { memoryAttempts } from '../stores/memory/attempts.ts';
import { followBudgets } from './follow-budgets.ts';

test('what others spend is seen by a process that pays for nothing', async () => {
  let theirs = 0;
  const budget: BudgetSettings = {
    name: 'all',
    scope: 'gateway',
    usd: 5,
    per: 'all',
    zone: 'UTC',
    unpriced: 'refuse',
    warnAt: [0.5],
    pace: false,
  };
  const budgets = createPayments({
    budgets: [budgetOf(budget)],
    isPaid: () => true,
    bound: () => null,
    prices: 'test',
    log: {
      ...memoryAttempts(),
      committed: async (accounts) => accounts.map(({ key }) => ({ key, nanoUsd: theirs })),
    },
    newId: () => 'att_1',
    epochMs: () => 1_000,
  });
  const store = {
    version: async () => 1,
    list: async () => [],
    mayWarn: async () => true,
  } satisfies Partial<BudgetStore>;
  const said: string[] = [];
  const life = new AbortController();
  const followed = await followBudgets(
    { budgets: [budget] },
    {
      budgets,
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      store: store as unknown as BudgetStore,
      printLine: (line) => said.push(line),
      log: { warn: () => {} },
      epochMs: () => 1_000,
      life: life.signal,
    },
  );
  expect(budgets.states()[0]?.spentNanoUsd).toBe(0);
  theirs = 3_000_000_000;
  await followed.look();
  expect(budgets.states()[0]?.spentNanoUsd).toBe(3_000_000_000);
  expect(said).toHaveLength(1);
  life.abort();
});
