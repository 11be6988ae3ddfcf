/** What this process holds of its leases, and how much of each is used. Pure bookkeeping: nothing here asks Postgres. */
import type { SpendingAccount, SpendingLimit } from '../../core/attempt-log.ts';

/** A limit is leased in this many slices; one of them is kept unused, the rest goes back. */
const SLICES = 200;
/** Accounts of a period that ended so long ago take no late ends any more. */
const KEPT_MS = 2 * 86_400_000;

export interface Others {
  readonly key: string;
  readonly nanoUsd: number;
}

export interface Taken {
  readonly refusedBy?: string;
  readonly elsewhere: readonly Others[];
}

export interface Lease {
  readonly account: SpendingAccount;
  /** The tightest limit that was asked for, in nano-USD. */
  limit: number;
  granted: number;
  used: number;
  /** The most that was used at once since a look at it: rows in Postgres may still say so. */
  mostUsed: number;
  others: number;
  /** An answer was lost: Postgres may have granted more than is known here. */
  isUncertain: boolean;
  /** Less was granted than was asked for: nothing is left of the limit. */
  isFull: boolean;
}

export interface LeaseBook {
  readonly leases: Map<string, Lease>;
  readonly taken: Map<string, { readonly keys: readonly string[]; readonly nanoUsd: number }>;
}

const NOTHING_LEASED = {
  granted: 0,
  used: 0,
  mostUsed: 0,
  others: 0,
  isUncertain: false,
  isFull: false,
};

/** Where two budgets share an account the tighter one holds. */
export function noteLimits({ leases }: LeaseBook, limits: readonly SpendingLimit[]): void {
  const tightest = new Map<string, SpendingLimit>();
  for (const limit of limits) {
    const known = tightest.get(limit.key);
    if (known === undefined || limit.limitNanoUsd < known.limitNanoUsd)
      tightest.set(limit.key, limit);
  }
  for (const [key, account] of tightest) {
    const known = leases.get(key) ?? NOTHING_LEASED;
    leases.set(key, { ...known, account, limit: account.limitNanoUsd });
  }
}

/** Registered before; again if the process was taken for dead meanwhile. */
export function leaseOf({ leases }: LeaseBook, key: string): Lease {
  return leases.get(key)!;
}

export const keysOf = (limits: readonly SpendingLimit[]): readonly string[] => [
  ...new Set(limits.map(({ key }) => key)),
];

export const fits = (book: LeaseBook, limits: readonly SpendingLimit[], nanoUsd: number): boolean =>
  limits.every(({ key, limitNanoUsd }) => {
    const lease = leaseOf(book, key);
    return isWithin(lease, limitNanoUsd, nanoUsd) && lease.used + nanoUsd <= lease.granted;
  });

/** A limit that was lowered holds at once, whatever was granted before. */
export const isWithin = (
  { account, used, others }: Lease,
  limit: number,
  nanoUsd: number,
): boolean => account.window !== undefined || used + nanoUsd + others <= limit;

/** Takes it, which fits. */
export function reserve(
  book: LeaseBook,
  id: string,
  limits: readonly SpendingLimit[],
  nanoUsd: number,
): Taken {
  const keys = keysOf(limits);
  for (const key of keys) {
    const lease = leaseOf(book, key);
    lease.used += nanoUsd;
    lease.mostUsed = Math.max(lease.mostUsed, lease.used);
  }
  book.taken.set(id, { keys, nanoUsd });
  return { elsewhere: elsewhereOf(book, keys) };
}

/** Replaces a reservation by what was used, once. True if something should be given back, or asked for, after it. */
export function settle(book: LeaseBook, id: string, usedNanoUsd: number): boolean {
  const { keys = [], nanoUsd = 0 } = book.taken.get(id) ?? {};
  book.taken.delete(id);
  const ended = keys.map((key) => leaseOf(book, key));
  for (const lease of ended) lease.used += usedNanoUsd - nanoUsd;
  return ended.some((lease) => wanted(lease) !== lease.granted);
}

export const elsewhereOf = (book: LeaseBook, keys: readonly string[]): readonly Others[] =>
  keys.map((key) => ({ key, nanoUsd: leaseOf(book, key).others }));

export const sliceOf = ({ limit }: Lease): number => Math.max(1, Math.floor(limit / SLICES));

/** What this process keeps of a lease: what is used, and a little. */
export const wanted = (lease: Lease): number => keptOf(lease, lease.used);

/** The same while what was used before is not written down yet. */
export const wantedSinceLook = (lease: Lease): number => keptOf(lease, lease.mostUsed);

/** What was used above its reservation is booked in full. */
const keptOf = (lease: Lease, inUse: number): number =>
  Math.max(lease.used, Math.min(lease.granted, inUse + sliceOf(lease)));

/** Late ends of earlier periods still find their account for a while. */
export function forgetEnded({ leases, taken: open }: LeaseBook): void {
  const inUse = new Set([...open.values()].flatMap(({ keys }) => keys));
  const beforeMs = Date.now() - KEPT_MS;
  for (const [key, { account, granted, used }] of leases)
    if (account.endMs < beforeMs && granted === used && !inUse.has(key)) leases.delete(key);
}
