/** The budgets of the configuration, and what they need to know of prices. */
import type { UpstreamAccount } from '../accounting/account.ts';
import { feeOf } from '../accounting/fees.ts';
import type { PriceBound } from '../accounting/price-bound.ts';
import { PRICE_LIST, type Pricing } from '../accounting/prices.ts';
import { accountOf } from '../budgets/book.ts';
import { createPayments, type Budgets } from '../budgets/payments.ts';
import type { Config } from '../config/config.ts';
import type { AttemptLog } from '../core/attempt-log.ts';
import { budgetOf } from '../core/budget-settings.ts';
import type { Budget, BudgetState } from '../core/budget.ts';
import type { Call } from '../core/call.ts';
import { mayCost } from '../engine/carried-usage.ts';
import type { Spending } from '../stores/open.ts';
import type { BudgetSample, ScrapeSources } from '../telemetry/metrics.ts';

interface Priced {
  readonly pricing: Pricing;
  readonly accounts: ReadonlyMap<string, UpstreamAccount>;
  readonly attempts: AttemptLog;
  readonly newId: (prefix: string) => string;
}

export function openBudgets(
  { budgets }: Config,
  { pricing, accounts, attempts, newId }: Priced,
): Budgets {
  return createPayments({
    budgets: budgets.map(budgetOf),
    isPaid: ({ locality, upstream }, call) =>
      (locality === 'cloud' || accounts.get(upstream)?.price !== undefined) && costs(call),
    bound: ({ upstream, model }, call, inputTokens) => {
      const { url, price, fees } = accounts.get(upstream) ?? {};
      // What is carried is charged in ways that no list of tokens says.
      if (call.operation === 'passthrough') return boundOfFee(feeOf(fees, call.path));
      const tier = call.body['service_tier'];
      return pricing.bound(inputTokens, {
        model,
        atMs: call.receivedAtMs,
        ...(url === undefined ? {} : { url }),
        ...(price === undefined ? {} : { configured: price }),
        ...(typeof tier === 'string' ? { serviceTier: tier } : {}),
      });
    },
    prices: PRICE_LIST,
    log: attempts,
    newId,
    epochMs: Date.now,
  });
}

const boundOfFee = (nanoUsd: number | undefined): PriceBound | null =>
  nanoUsd === undefined ? null : { fixedNanoUsd: nanoUsd, outputNanoUsd: 0, searchNanoUsd: 0 };

const costs = (call: Call): boolean => call.operation !== 'passthrough' || mayCost(call);

/** Empty without budgets. */
export const budgetSources = (
  budgets: Budgets,
): Pick<ScrapeSources, 'budgets' | 'budgetOverrunUsd' | 'attempts' | 'routerAnomalies'> => ({
  routerAnomalies: () => budgets.anomalies.counts(Date.now()),
  attempts: () => {
    const { open, unreconciledNanoUsd, oldestUnreconciledMs } = budgets.attempts();
    const ageMs = oldestUnreconciledMs === undefined ? 0 : Date.now() - oldestUnreconciledMs;
    return {
      open,
      unreconciledUsd: unreconciledNanoUsd / 1e9,
      unreconciledAgeSeconds: Math.max(0, ageMs) / 1000,
    };
  },
  budgets: () =>
    budgets.states().flatMap((state) => samplesOf(state, budgets.leased(state.account))),
  budgetOverrunUsd: () =>
    budgets.states().length === 0 ? undefined : budgets.overrunNanoUsd() / 1e9,
});

function samplesOf(
  { budget, ...state }: BudgetState,
  leased: number | undefined,
): readonly BudgetSample[] {
  const scope = budget.name;
  return [
    { scope, state: 'limit', usd: budget.limitNanoUsd / 1e9 },
    { scope, state: 'spent', usd: state.spentNanoUsd / 1e9 },
    { scope, state: 'reserved', usd: state.reservedNanoUsd / 1e9 },
    ...(leased === undefined ? [] : [{ scope, state: 'leased' as const, usd: leased / 1e9 }]),
  ];
}

/** How budgets stand by what a file of state says, beside the processes that spend. */
export const spentBeside =
  (spending: Spending, epochMs: () => number) =>
  async (budget: Budget): Promise<BudgetState> => {
    const account = accountOf(budget, epochMs());
    const { key, startMs, endMs } = account;
    return {
      budget,
      account: key,
      ...(await spending.of({ ...account, scope: budget.scope })),
      startMs,
      endMs,
    };
  };
