/**
 * The book of what is spent and reserved in each period of each budget. Synchronous, and in integers: between a look at what is
 * left and its reservation nothing else can happen, so that the sum never exceeds a limit.
 */
import type { Budget, BudgetState } from '../core/budget.ts';
import { periodAt } from '../lib/calendar.ts';

/** One budget's scope in one period. Budgets of the same scope and period share it, whatever their names and limits. */
interface Account {
  /** Names the scope and the period, the same in every process: `["team","support","day","Europe/Madrid",1767222000000]`. */
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Money that is reserved in several accounts at once. */
export interface Reserved {
  readonly nanoUsd: number;
  readonly accounts: readonly Account[];
  readonly atMs: number;
  /**
   * Turns the reservation into what was used, in the periods in which it was made. Only the first call counts: it returns by how much
   * the use exceeded the reservation, every later one undefined.
   */
  settle(usedNanoUsd: number): number | undefined;
}

export interface Book {
  /** The budget's account of the period at that time. */
  account(budget: Budget, atMs: number): Account;
  state(budget: Budget, atMs: number): BudgetState;
  /** What may still be reserved in all of them; never negative. */
  left(budgets: readonly Budget[], atMs: number): number;
  /** Reserves in all or in none. The budget that has too little is returned instead. */
  reserve(budgets: readonly Budget[], nanoUsd: number, atMs: number): Reserved | Budget;
  /** What was committed before this process began, or is by others; replaces what was said before. */
  elsewhere(key: string, nanoUsd: number): void;
  /** Counts reservations that were made before then and never settled as spent. Returns how many there were. */
  expire(beforeMs: number): number;
}

interface Entry extends Account {
  spent: number;
  reserved: number;
  elsewhere: number;
}

/** Accounts whose period ended this long ago are forgotten: a late answer still finds its own. */
const KEPT_MS = 2 * 86_400_000;

export function createBook(): Book {
  const entries = new Map<string, Entry>();
  const current = new WeakMap<Budget, Entry>();
  const open = new Set<Expirable>();
  const entryAt = (budget: Budget, atMs: number): Entry => {
    const known = current.get(budget);
    if (known !== undefined && atMs >= known.startMs && atMs < known.endMs) return known;
    forget(entries, atMs);
    const entry = entryOf(entries, budget, atMs);
    current.set(budget, entry);
    return entry;
  };
  const room = (budget: Budget, atMs: number): number =>
    budget.limitNanoUsd - committed(entryAt(budget, atMs));
  return {
    account: entryAt,
    state: (budget, atMs) => {
      const { key: account, spent, reserved, elsewhere, startMs, endMs } = entryAt(budget, atMs);
      const sums = { spentNanoUsd: spent + elsewhere, reservedNanoUsd: reserved };
      return { budget, account, ...sums, startMs, endMs };
    },
    left: (budgets, atMs) => Math.max(0, Math.min(...budgets.map((budget) => room(budget, atMs)))),
    reserve: (budgets, nanoUsd, atMs) => {
      const short = budgets.find((budget) => room(budget, atMs) < nanoUsd);
      if (short !== undefined) return short;
      const accounts = new Set(budgets.map((budget) => entryAt(budget, atMs)));
      return reserveIn([...accounts], nanoUsd, { atMs, open });
    },
    elsewhere: (key, nanoUsd) => {
      const entry = entries.get(key);
      if (entry !== undefined) entry.elsewhere = nanoUsd;
    },
    expire: (beforeMs) => {
      const late = [...open].filter(({ atMs }) => atMs < beforeMs);
      for (const { settle, nanoUsd } of late) settle(nanoUsd);
      return late.length;
    },
  };
}

type Expirable = Pick<Reserved, 'settle' | 'nanoUsd' | 'atMs'>;

const committed = ({ spent, reserved, elsewhere }: Entry): number => spent + reserved + elsewhere;

function reserveIn(
  accounts: readonly Entry[],
  nanoUsd: number,
  { atMs, open }: { readonly atMs: number; readonly open: Set<Expirable> },
): Reserved {
  for (const account of accounts) account.reserved += nanoUsd;
  const reserved: Reserved = {
    nanoUsd,
    accounts,
    atMs,
    settle: (used) => {
      if (!open.delete(reserved)) return undefined;
      for (const account of accounts) {
        account.reserved -= nanoUsd;
        account.spent += used;
      }
      return Math.max(0, used - nanoUsd);
    },
  };
  open.add(reserved);
  return reserved;
}

function entryOf(entries: Map<string, Entry>, budget: Budget, atMs: number): Entry {
  const account = accountOf(budget, atMs);
  const known = entries.get(account.key);
  if (known !== undefined) return known;
  const entry = { ...account, spent: 0, reserved: 0, elsewhere: 0 };
  entries.set(account.key, entry);
  return entry;
}

/** The account that a budget's spending at that time (milliseconds since the epoch) goes to. */
export function accountOf({ scope, per, zone }: Budget, atMs: number): Account {
  const { startMs, endMs } = periodAt(per, zone, atMs);
  const who = scope.kind === 'gateway' ? '' : scope.name;
  const from = Number.isFinite(startMs) ? startMs : 0;
  const key = JSON.stringify([scope.kind, who, per, per === 'all' ? '' : zone, from]);
  return { key, startMs, endMs };
}

/** A clock that is set back finds the period of before again. */
function forget(entries: Map<string, Entry>, atMs: number): void {
  for (const [key, { endMs }] of entries) if (endMs < atMs - KEPT_MS) entries.delete(key);
}
