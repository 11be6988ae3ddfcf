/** Shows, sets and removes budgets, for commands and for `/admin/budgets`. */
import type { Config } from '../config/config.ts';
import {
  budgetOf,
  budgetSettings,
  standingOf,
  type BudgetAdmin,
  type BudgetSettings,
  type BudgetStore,
  type ShownBudget,
  type StoredBudget,
} from '../core/budget-settings.ts';
import type { Budget, BudgetState } from '../core/budget.ts';
import { invalid } from '../core/errors.ts';
import { DASHBOARD_CALLER, type ShownKey } from '../core/keys.ts';
import type { Soon } from '../lib/soon.ts';
import { suggestion } from '../lib/suggest.ts';
import { checkedBy } from './checked-by.ts';

interface Tools {
  readonly store: BudgetStore;
  /** How a budget stands in its current period. */
  readonly stateOf: (budget: Budget) => Soon<BudgetState>;
  /** Every key, since a budget may be one's. */
  readonly keys: () => Promise<readonly ShownKey[]>;
  /** Called after each change. */
  readonly changed?: () => Promise<void>;
}

export function budgetAdmin(
  { budgets: fixed }: Pick<Config, 'budgets'>,
  { store, stateOf, keys, changed = async () => {} }: Tools,
): BudgetAdmin {
  const shown = async (settings: BudgetSettings, stored?: StoredBudget): Promise<ShownBudget> => ({
    ...settings,
    from: stored === undefined ? 'configuration' : 'store',
    ...(stored === undefined ? {} : { set: { atMs: stored.setMs, by: stored.setBy } }),
    ...standingOf(await stateOf(budgetOf(settings))),
  });
  const notFixed = (name: string): void => {
    if (!fixed.some((budget) => budget.name === name)) return;
    throw invalid('name', `Budget '${name}' stands in the configuration: change it there.`);
  };
  return {
    list: async () => {
      const stored = storedBeside(fixed, await store.list());
      const all = await Promise.all([
        ...fixed.map((settings) => shown(settings)),
        ...stored.map((each) => shown(each.settings, each)),
      ]);
      return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },
    set: async (given, act) => {
      const settings = checked(given, await keys());
      notFixed(settings.name);
      await store.set(settings, act);
      await changed();
      return await shown(settings, { settings, setMs: act.atMs, setBy: act.who });
    },
    remove: async (name, act) => {
      notFixed(name);
      await store.remove(name, act);
      await changed();
    },
  };
}

/** The configuration's own come first: a stored one of the same name does not count. */
export function storedBeside(
  fixed: readonly BudgetSettings[],
  stored: readonly StoredBudget[],
): readonly StoredBudget[] {
  const own = new Set(fixed.map(({ name }) => name));
  return stored.filter(({ settings }) => !own.has(settings.name));
}

function checked(given: unknown, keys: readonly ShownKey[]): BudgetSettings {
  const budget = checkedBy(budgetSettings, given);
  const { scope } = budget;
  if (scope === 'gateway') return budget;
  const [kind, wanted, known] =
    'key' in scope
      ? (['key', scope.key, [DASHBOARD_CALLER, ...keys.map(({ name }) => name)]] as const)
      : (['team', scope.team, keys.flatMap(teamOfKey)] as const);
  if (known.includes(wanted)) return budget;
  const has = kind === 'key' ? `No key is called '${wanted}'` : `No key is of the team '${wanted}'`;
  throw invalid(`scope.${kind}`, `${has}; ${suggestion(wanted, known)}.`);
}

const teamOfKey = ({ team, labels }: ShownKey): readonly string[] => {
  const name = team ?? labels['team'];
  return name === undefined ? [] : [name];
};
