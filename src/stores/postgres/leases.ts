/**
 * What this process may spend of the limits that replicas share: slices of each, leased from Postgres, from which reservations are
 * taken without asking. What is leased by all never exceeds a limit, so neither does what is spent. Without Postgres a lease is used
 * up, and then nothing more is granted.
 */
import type { SpendingAccount, SpendingLimit } from '../../core/attempt-log.ts';
import { number, text, type Row } from '../sqlite-row.ts';
import type { Postgres } from './port.ts';
import { codeOf } from './errors.ts';
import { TAKEN_FOR_DEAD } from './lease-schema.ts';

export interface Leases {
  /** Takes a reservation in all accounts or in none; returns the limit that it does not fit. Rejects when Postgres cannot be asked. */
  take(id: string, limits: readonly SpendingLimit[], nanoUsd: number): Promise<Taken>;
  /** Puts what was used in the place of the reservation: once. */
  end(id: string, usedNanoUsd: number): void;
  /** What others were granted. Rejects likewise. */
  committed(accounts: readonly SpendingAccount[]): Promise<readonly Others[]>;
  /** Nano-USD of an account that are leased and not used. */
  unused(account: string): number;
}

interface Others {
  readonly key: string;
  readonly nanoUsd: number;
}

interface Taken {
  readonly refusedBy?: string;
  readonly elsewhere: readonly Others[];
}

/** A limit is leased in this many slices; one of them is kept unused, the rest goes back. */
const SLICES = 200;
/** What is given back in this time shares a call. */
const GIVE_BACK_MS = 50;
const RETRY_MS = 1_000;
/** Accounts of a period that ended so long ago take no late ends any more. */
const KEPT_MS = 2 * 86_400_000;

interface Lease {
  readonly account: SpendingAccount;
  /** The tightest limit that was asked for, in nano-USD. */
  limit: number;
  granted: number;
  used: number;
  others: number;
  /** An answer was lost: Postgres may have granted more than is known here. */
  isUncertain: boolean;
  /** Less was granted than was asked for: nothing is left of the limit. */
  isFull: boolean;
}

interface Waiting {
  readonly id: string;
  readonly limits: readonly SpendingLimit[];
  readonly nanoUsd: number;
  readonly resolve: (taken: Taken) => void;
  readonly reject: (error: unknown) => void;
}

interface State {
  readonly query: Postgres['query'];
  readonly boot: string;
  /** Makes the process known again, which was taken for dead. */
  readonly register: () => Promise<void>;
  /** Made so far: a later one has a higher number. */
  calls: number;
  readonly leases: Map<string, Lease>;
  readonly taken: Map<string, { readonly keys: readonly string[]; readonly nanoUsd: number }>;
  waiting: Waiting[];
  isAsking: boolean;
  givingBack: NodeJS.Timeout | undefined;
}

/** @param boot registered by then */
export function createLeases(
  { query }: Pick<Postgres, 'query'>,
  { boot, register }: Pick<State, 'boot' | 'register'>,
): Leases {
  const state: State = {
    query,
    boot,
    register,
    calls: 0,
    leases: new Map(),
    taken: new Map(),
    waiting: [],
    isAsking: false,
    givingBack: undefined,
  };
  return {
    take: (id, limits, nanoUsd) => {
      if (limits.length === 0) return Promise.resolve(NOTHING);
      noteLimits(state, limits);
      if (fits(state, limits, nanoUsd)) return Promise.resolve(taken(state, id, limits, nanoUsd));
      return new Promise((resolve, reject) => {
        state.waiting.push({ id, limits, nanoUsd, resolve, reject });
        void askAll(state);
      });
    },
    end: (id, usedNanoUsd) => {
      const { keys = [], nanoUsd = 0 } = state.taken.get(id) ?? {};
      state.taken.delete(id);
      for (const key of keys) leaseOf(state, key).used += usedNanoUsd - nanoUsd;
      if (keys.some((key) => wanted(leaseOf(state, key)) !== leaseOf(state, key).granted))
        giveBackSoon(state);
    },
    committed: async (accounts) => {
      const wanting = JSON.stringify(accounts.map(accountRow));
      const rows = await query('SELECT * FROM smallfirst_committed($1, $2)', [boot, wanting]);
      return rows.map(othersIn);
    },
    unused: (account) => {
      const { granted = 0, used = 0 } = state.leases.get(account) ?? {};
      return Math.max(0, granted - used);
    },
  };
}

const NOTHING: Taken = { elsewhere: [] };
const NOTHING_LEASED = { granted: 0, used: 0, others: 0, isUncertain: false, isFull: false };

const accountRow = ({ key, scope, startMs, endMs, window }: SpendingAccount) => ({
  account: key,
  // A minute of a window counts nothing from before it was first used.
  kind: window === undefined ? scope.kind : null,
  name: scope.kind === 'gateway' ? '' : scope.name,
  start_ms: Number.isFinite(startMs) ? startMs : 0,
  end_ms: Number.isFinite(endMs) ? endMs : Number.MAX_VALUE,
  accounts: window ?? [key],
});

const othersIn = (row: Row): Others => ({
  key: text(row, 'account_key'),
  nanoUsd: number(row, 'others_nano'),
});

/** Where two budgets share an account the tighter one holds. */
function noteLimits({ leases }: State, limits: readonly SpendingLimit[]): void {
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

/** Noted before; anew where the process was taken for dead meanwhile. */
function leaseOf({ leases }: State, key: string): Lease {
  return leases.get(key)!;
}

const keysOf = (limits: readonly SpendingLimit[]): readonly string[] => [
  ...new Set(limits.map(({ key }) => key)),
];

const fits = (state: State, limits: readonly SpendingLimit[], nanoUsd: number): boolean =>
  limits.every(({ key, limitNanoUsd }) => {
    const lease = leaseOf(state, key);
    return isWithin(lease, limitNanoUsd, nanoUsd) && lease.used + nanoUsd <= lease.granted;
  });

/** A limit that was lowered holds at once, whatever was granted before. */
const isWithin = ({ account, used, others }: Lease, limit: number, nanoUsd: number): boolean =>
  account.window !== undefined || used + nanoUsd + others <= limit;

function taken(state: State, id: string, limits: readonly SpendingLimit[], nanoUsd: number): Taken {
  const keys = keysOf(limits);
  for (const key of keys) leaseOf(state, key).used += nanoUsd;
  state.taken.set(id, { keys, nanoUsd });
  return { elsewhere: elsewhereOf(state, keys) };
}

const elsewhereOf = (state: State, keys: readonly string[]): readonly Others[] =>
  keys.map((key) => ({ key, nanoUsd: leaseOf(state, key).others }));

const sliceOf = ({ limit }: Lease): number => Math.max(1, Math.floor(limit / SLICES));

/** What this process keeps of a lease: what is used, and a little. */
function wanted(lease: Lease): number {
  const { granted, used } = lease;
  const most = used + sliceOf(lease);
  // What was used above its reservation is booked in full.
  return Math.max(used, Math.min(granted, most));
}

function giveBackSoon(state: State, afterMs = GIVE_BACK_MS): void {
  if (state.givingBack !== undefined) return;
  state.givingBack = setTimeout(() => {
    state.givingBack = undefined;
    void askAll(state, true);
  }, afterMs).unref();
}

/** Asks for all who wait, one call at a time; `isGivingBack`: also where nobody waits. */
async function askAll(state: State, isGivingBack = false): Promise<void> {
  if (state.isAsking) {
    if (isGivingBack) giveBackSoon(state);
    return;
  }
  state.isAsking = true;
  try {
    if (isGivingBack) await giveBackNow(state);
    while (state.waiting.length > 0) await askFor(state, state.waiting.splice(0));
  } finally {
    state.isAsking = false;
  }
}

async function giveBackNow(state: State): Promise<void> {
  forgetEnded(state);
  const changed = [...state.leases.values()].filter(
    (lease) => lease.isUncertain || wanted(lease) !== lease.granted,
  );
  if (changed.length === 0) return;
  // Not used any more from this moment on, whether or not the answer arrives.
  for (const lease of changed) lease.granted = Math.min(lease.granted, wanted(lease));
  await ask(state, changed, wanted).catch(() => giveBackSoon(state, RETRY_MS));
}

async function askFor(state: State, waiting: readonly Waiting[]): Promise<void> {
  const needs = new Map<string, number>();
  for (const { limits, nanoUsd } of waiting)
    for (const key of keysOf(limits)) needs.set(key, (needs.get(key) ?? 0) + nanoUsd);
  try {
    const leases = [...needs.keys()].map((key) => leaseOf(state, key));
    await ask(state, leases, (lease) => {
      const need = needs.get(lease.account.key) ?? 0;
      return Math.max(lease.granted, lease.used + Math.max(need, sliceOf(lease)));
    });
  } catch (error) {
    for (const { reject } of waiting) reject(error);
    giveBackSoon(state, RETRY_MS);
    return;
  }
  for (const each of waiting) decide(state, each);
  giveBackSoon(state);
}

function decide(state: State, waiting: Waiting): void {
  const { id, limits, nanoUsd, resolve } = waiting;
  if (fits(state, limits, nanoUsd)) {
    resolve(taken(state, id, limits, nanoUsd));
    return;
  }
  const short = limits.find(({ key, limitNanoUsd }) => {
    const lease = leaseOf(state, key);
    const isOver = lease.used + nanoUsd > lease.granted && lease.isFull;
    return isOver || !isWithin(lease, limitNanoUsd, nanoUsd);
  });
  if (short === undefined) {
    // Others took what had been free while this one was asked for: there is more.
    state.waiting.push(waiting);
    return;
  }
  resolve({ refusedBy: short.budget, elsewhere: elsewhereOf(state, keysOf(limits)) });
}

/** Sets what this process is granted of these, as far as the limits go. */
async function ask(
  state: State,
  leases: readonly Lease[],
  want: (lease: Lease) => number,
): Promise<void> {
  const rows = leases.map((lease) => ({
    ...accountRow(lease.account),
    used: lease.used,
    want: want(lease),
    most: lease.limit,
  }));
  const wants = new Map(rows.map((row) => [row.account, row.want]));
  const keys = leases.map(({ account }) => account.key);
  const uncertain = (isUncertain: boolean): void => {
    for (const key of keys) {
      const lease = state.leases.get(key);
      if (lease !== undefined) lease.isUncertain = isUncertain;
    }
  };
  uncertain(true);
  const answer = await answered(state, JSON.stringify(rows));
  uncertain(false);
  for (const row of answer) {
    const lease = state.leases.get(text(row, 'account_key'));
    if (lease === undefined) continue;
    lease.granted = number(row, 'own_nano');
    lease.others = number(row, 'others_nano');
    lease.isFull = lease.granted < (wants.get(lease.account.key) ?? 0);
  }
}

async function answered(state: State, rows: string): Promise<readonly Row[]> {
  const { query, boot, register } = state;
  state.calls += 1;
  try {
    return await query('SELECT * FROM smallfirst_lease($1, $2, $3)', [boot, state.calls, rows]);
  } catch (error) {
    if (codeOf(error) !== TAKEN_FOR_DEAD) throw error;
    // What was leased is others' by now, and what was used stands in rows.
    state.leases.clear();
    state.taken.clear();
    state.calls = 0;
    await register();
    throw error;
  }
}

/** Late ends of earlier periods still find their account for a while. */
function forgetEnded({ leases, taken: open }: State): void {
  const inUse = new Set([...open.values()].flatMap(({ keys }) => keys));
  const beforeMs = Date.now() - KEPT_MS;
  for (const [key, { account, granted, used }] of leases)
    if (account.endMs < beforeMs && granted === used && !inUse.has(key)) leases.delete(key);
}
