/** The budgets in force, by whom they limit, and how each stands. */
import type { AttemptLog, SpendingLimit } from '../core/attempt-log.ts';
import type { Budget, BudgetState } from '../core/budget.ts';
import { teamOf, type Caller } from '../core/call.ts';
import type { Book } from './book.ts';
import { isCapped, type LargeCaps } from './large-cap.ts';

export interface Registry {
  of(caller: Caller): readonly Budget[];
  states(): readonly BudgetState[];
  /** Those of a caller. */
  statesOf(caller: Caller): readonly BudgetState[];
  /** How any budget stands now. */
  stateOf(budget: Budget): BudgetState;
  /** Puts these in force in place of those before, once it is known what is spent of them. Rejects when the store cannot be asked. */
  use(budgets: readonly Budget[]): Promise<void>;
  /** Learns what others have committed. Rejects likewise. */
  recall(): Promise<void>;
}

interface Tools {
  readonly book: Book;
  readonly caps: LargeCaps;
  readonly log: Pick<AttemptLog, 'committed'>;
  /** Milliseconds since the epoch. */
  readonly epochMs: () => number;
}

export function budgetRegistry(
  first: readonly Budget[],
  { book, caps, log, epochMs }: Tools,
): Registry {
  let budgets = first;
  let of = budgetsByCaller(first);
  const stateOf = (budget: Budget): BudgetState => book.state(budget, epochMs());
  const recall = async (which: readonly Budget[]): Promise<void> => {
    const atMs = epochMs();
    const accounts = which.map((budget) => limitOf(budget, book, atMs));
    const windows = caps.limits(which.filter(isCapped), atMs);
    for (const { key, nanoUsd } of await log.committed([...accounts, ...windows])) {
      book.elsewhere(key, nanoUsd);
      caps.elsewhere(key, nanoUsd);
    }
  };
  return {
    of: (caller) => of(caller),
    states: () => budgets.map(stateOf),
    statesOf: (caller) => of(caller).map(stateOf),
    stateOf,
    use: async (next) => {
      await recall(next);
      budgets = next;
      of = budgetsByCaller(next);
    },
    recall: () => recall(budgets),
  };
}

/** Keys are few, and each request's caller is the key's own object. */
function budgetsByCaller(budgets: readonly Budget[]): Registry['of'] {
  const known = new WeakMap<Caller, readonly Budget[]>();
  if (budgets.length === 0) return () => budgets;
  return (caller) => {
    const found = known.get(caller);
    if (found !== undefined) return found;
    const own = budgets.filter((budget) => holdsFor(budget, caller));
    known.set(caller, own);
    return own;
  };
}

function holdsFor({ scope }: Budget, caller: Caller): boolean {
  switch (scope.kind) {
    case 'gateway':
      return true;
    case 'team':
      return teamOf(caller) === scope.name;
    case 'key':
      return caller.name === scope.name;
  }
}

/** How much may be spent in the period of the budget in which `atMs` lies. */
export function limitOf(budget: Budget, book: Book, atMs: number): SpendingLimit {
  const { key, startMs, endMs } = book.account(budget, atMs);
  const { scope, limitNanoUsd, name } = budget;
  return { key, scope, startMs, endMs, limitNanoUsd, budget: name };
}
