/** The budgets of a running gateway: those of the configuration and those of the store, which commands change beside it. */
import type { Budgets } from '../budgets/payments.ts';
import { usd } from '../budgets/standing.ts';
import type { Config } from '../config/config.ts';
import { budgetOf, type BudgetStore } from '../core/budget-settings.ts';
import type { BudgetState } from '../core/budget.ts';
import { inZone } from '../lib/calendar.ts';
import { repeatWhileAlive } from '../lib/while-alive.ts';
import type { Log } from '../telemetry/log.ts';
import { storedBeside } from './budget-admin.ts';

/** A change is in force after at most this long, and what is left of a look. */
const LOOK_EVERY_MS = 500;

export interface FollowedBudgets {
  /** Looks for changes now: after one of this process's own. */
  look(): Promise<void>;
  /** How often it was said that a share of a budget is spent, by the budget's name. */
  warnings(): Readonly<Record<string, number>>;
}

interface Tools {
  readonly budgets: Budgets;
  readonly store: BudgetStore;
  readonly printLine: (line: string) => void;
  readonly log: Pick<Log, 'warn'>;
  readonly epochMs: () => number;
  readonly life: AbortSignal;
}

/** Follows the store as long as `life` lasts. */
export async function followBudgets(
  { budgets: fixed }: Pick<Config, 'budgets'>,
  { budgets, store, printLine, log, epochMs, life }: Tools,
): Promise<FollowedBudgets> {
  let seen: number | undefined;
  const warned = new Map<string, number>();
  const warn = createWarner(store, epochMs, (state, share) => {
    const { name } = state.budget;
    warned.set(name, (warned.get(name) ?? 0) + 1);
    const line = warning(state, share);
    printLine(line);
    log.warn(line);
  });
  const look = async (): Promise<void> => {
    const version = await store.version();
    if (version !== seen) {
      const stored = storedBeside(fixed, await store.list()).map(({ settings }) => settings);
      await budgets.use([...fixed, ...stored].map(budgetOf));
      seen = version;
    } else if (budgets.states().length > 0) {
      // Other processes' spending is learned with each intent of our own; a process without intents would show, and decide by, old figures.
      await budgets.recall().catch(() => {});
    }
    await warn(budgets.states());
  };
  await look();
  // A store that cannot be read for a moment changes no budget: those of the last look hold.
  repeatWhileAlive(() => void look().catch(() => {}), LOOK_EVERY_MS, life);
  return { look, warnings: () => Object.fromEntries(warned) };
}

/** Says each share of each period once, over all processes; where several are passed at once, the highest. */
function createWarner(
  store: BudgetStore,
  epochMs: () => number,
  say: (state: BudgetState, share: number) => void,
): (states: readonly BudgetState[]) => Promise<void> {
  const known = new Set<string>();
  return async (states) => {
    for (const state of states) {
      const { budget, account, spentNanoUsd } = state;
      let highest: number | undefined;
      for (const share of budget.warnAt.toSorted((a, b) => a - b)) {
        const id = `${account} ${share}`;
        if (spentNanoUsd < share * budget.limitNanoUsd || known.has(id)) continue;
        if (await store.mayWarn(account, share, epochMs())) highest = share;
        known.add(id);
      }
      if (highest !== undefined) say(state, highest);
    }
  };
}

function warning({ budget, spentNanoUsd, endMs }: BudgetState, share: number): string {
  const { name, limitNanoUsd, zone } = budget;
  const resets = Number.isFinite(endMs)
    ? `; it begins anew at ${inZone(endMs, zone)} (${zone})`
    : '';
  return `Of the budget '${name}' more than ${Math.round(share * 100)} % is spent: ${usd(spentNanoUsd)} of ${usd(limitNanoUsd)} USD${resets}.`;
}
