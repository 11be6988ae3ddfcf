/**
 * What this process may spend of the limits that replicas share: slices of each, leased from Postgres, from which reservations are
 * taken without asking. What is leased by all never exceeds a limit, so neither does what is spent. Without Postgres a lease is used
 * up, and then nothing more is granted.
 */
import type { SpendingAccount, SpendingLimit } from '../../core/attempt-log.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import type { Postgres } from './port.ts';
import { codeOf } from './errors.ts';
import {
  elsewhereOf,
  fits,
  forgetEnded,
  isWithin,
  keysOf,
  leaseOf,
  noteLimits,
  reserve,
  settle,
  sliceOf,
  wanted,
  wantedSinceLook,
  type Lease,
  type LeaseBook,
  type Others,
  type Taken,
} from './lease-book.ts';
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

/** What is given back in this time shares a call. */
const GIVE_BACK_MS = 50;
const RETRY_MS = 1_000;

interface Waiting {
  readonly id: string;
  readonly limits: readonly SpendingLimit[];
  readonly nanoUsd: number;
  readonly resolve: (taken: Taken) => void;
  readonly reject: (error: unknown) => void;
}

interface LeaseTools {
  readonly boot: string;
  /** Makes the process known again, which was taken for dead. */
  readonly register: () => Promise<void>;
  /** Resolves when what ended so far stands in Postgres: only then others may have what it left. Rejects while it cannot. */
  readonly forwarded: () => Promise<void>;
}

interface State extends LeaseTools, LeaseBook {
  readonly query: Postgres['query'];
  /** Made so far: a later one has a higher number. */
  calls: number;
  waiting: Waiting[];
  isAsking: boolean;
  givingBack: NodeJS.Timeout | undefined;
}

/** @param tools - `boot` is registered by then */
export function createLeases({ query }: Pick<Postgres, 'query'>, tools: LeaseTools): Leases {
  const state: State = {
    ...tools,
    query,
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
      if (fits(state, limits, nanoUsd)) return Promise.resolve(reserve(state, id, limits, nanoUsd));
      return new Promise((resolve, reject) => {
        state.waiting.push({ id, limits, nanoUsd, resolve, reject });
        void askAll(state);
      });
    },
    end: (id, usedNanoUsd) => {
      if (settle(state, id, usedNanoUsd)) giveBackSoon(state);
    },
    committed: async (accounts) => {
      const wanting = JSON.stringify(accounts.map(accountRow));
      const rows = await query('SELECT * FROM smallfirst_committed($1, $2)', [tools.boot, wanting]);
      return rows.map(othersIn);
    },
    unused: (account) => {
      const { granted = 0, used = 0 } = state.leases.get(account) ?? {};
      return Math.max(0, granted - used);
    },
  };
}

const NOTHING: Taken = { elsewhere: [] };

const accountRow = ({ key, scope, startMs, endMs, window }: SpendingAccount) => ({
  account: key,
  // A minute of the window counts nothing from before its first use.
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

function giveBackSoon(state: State, afterMs = GIVE_BACK_MS): void {
  if (state.givingBack !== undefined) return;
  state.givingBack = setTimeout(() => void giveBack(state), afterMs).unref();
}

/** What ended by now goes back once its rows are in Postgres, so the sum of rows there never exceeds what is granted. */
async function giveBack(state: State): Promise<void> {
  forgetEnded(state);
  for (const lease of state.leases.values()) lease.mostUsed = lease.used;
  try {
    await state.forwarded();
  } catch {
    state.givingBack = undefined;
    giveBackSoon(state, RETRY_MS);
    return;
  }
  state.givingBack = undefined;
  await askAll(state, { isGivingBack: true });
}

/** Asks for all who wait, one call at a time; `isGivingBack`: also where nobody waits. */
async function askAll(state: State, { isGivingBack } = { isGivingBack: false }): Promise<void> {
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
  const changed = [...state.leases.values()].filter(
    (lease) => lease.isUncertain || wantedSinceLook(lease) !== lease.granted,
  );
  if (changed.length === 0) return;
  // Not used any more from this moment on, whether or not the answer arrives.
  for (const lease of changed) lease.granted = Math.min(lease.granted, wantedSinceLook(lease));
  await ask(state, changed, wantedSinceLook).catch(() => giveBackSoon(state, RETRY_MS));
  // What ended meanwhile.
  const left = [...state.leases.values()].some((lease) => wanted(lease) !== lease.granted);
  if (left) giveBackSoon(state);
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
    resolve(reserve(state, id, limits, nanoUsd));
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
  const mark = ({ isUncertain }: Pick<Lease, 'isUncertain'>): void => {
    for (const key of keys) {
      const lease = state.leases.get(key);
      if (lease !== undefined) lease.isUncertain = isUncertain;
    }
  };
  mark({ isUncertain: true });
  const answer = await answered(state, JSON.stringify(rows));
  mark({ isUncertain: false });
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
