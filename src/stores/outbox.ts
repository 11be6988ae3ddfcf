/**
 * Records on their way to a store that is slower than requests come: taken at once, sent in batches one
 * after the other, sent again until the store acknowledges them. Bounded: when it is full the *newest*
 * are given up and counted, because those that wait are already promised.
 */
import type { UsageRecord } from '../core/record.ts';
import type { LedgerStats } from '../core/store.ts';

/** Makes a batch durable, and gives the number of records in it that can never be stored. */
type WriteBatch = (batch: readonly UsageRecord[]) => Promise<number>;

export interface OutboxOptions {
  readonly write: WriteBatch;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  /** How long a first record waits for company. */
  readonly delayMs?: number;
  readonly batchSize?: number;
  readonly capacity?: number;
  /** How long to wait after the n-th failure in a row. */
  readonly pauseMs?: (failures: number) => number;
}

export interface Outbox {
  add(record: UsageRecord): void;
  find(id: string): UsageRecord | undefined;
  stats(): LedgerStats;
  /** Resolves when all that was added is durable, or when an attempt made from now on failed. */
  flush(): Promise<void>;
  /** Gives up what could not be written, after one more attempt. */
  close(): Promise<void>;
}

interface Entry {
  readonly record: UsageRecord;
  readonly sinceMs: number;
}

/** Somebody who waits until `added` records are settled, or until an attempt after `attempt` failed. */
interface Waiter {
  readonly added: number;
  readonly attempt: number;
  readonly resolve: () => void;
}

interface State {
  /** By id, oldest first; an entry leaves when it is durable. */
  readonly entries: Map<string, Entry>;
  readonly waiters: Set<Waiter>;
  /** Entries ever added, and ever settled: they settle in the order they came. */
  added: number;
  settled: number;
  attempts: number;
  failures: number;
  dropped: number;
  problem: string | undefined;
  isSending: boolean;
  isClosed: boolean;
  /** Ends the present wait: for company, or after a failure. */
  wake: (() => void) | undefined;
}

const DELAY_MS = 5;
/** 100 rows are 3 ms in SQLite, and half a millisecond of making JSON here. */
const BATCH_SIZE = 100;
/** About 50 MB of records. */
const CAPACITY = 20_000;
const LONGEST_PAUSE_MS = 10_000;

/** 0.1 s, 0.2 s, 0.4 s and so on. */
const doubling = (failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, 100 * 2 ** (failures - 1));

export function createOutbox(options: OutboxOptions): Outbox {
  const { nowMs, batchSize = BATCH_SIZE, capacity = CAPACITY } = options;
  const state = newState();
  const flush = (): Promise<void> =>
    new Promise((resolve) => {
      if (state.entries.size === 0) {
        resolve();
        return;
      }
      state.waiters.add({ added: state.added, attempt: state.attempts, resolve });
      state.wake?.();
    });
  return {
    add: (record) => {
      const { entries } = state;
      if (state.isClosed || entries.size >= capacity) {
        state.dropped += 1;
        return;
      }
      if (entries.has(record.id)) return;
      entries.set(record.id, { record, sinceMs: nowMs() });
      state.added += 1;
      if (!state.isSending) void sendAll(state, options);
      else if (entries.size === batchSize && state.failures === 0) state.wake?.();
    },
    find: (id) => state.entries.get(id)?.record,
    stats: () => statsOf(state, nowMs()),
    flush,
    close: async () => {
      state.isClosed = true;
      await flush();
      state.dropped += state.entries.size;
      state.entries.clear();
      state.wake?.();
    },
  };
}

const newState = (): State => ({
  entries: new Map(),
  waiters: new Set(),
  added: 0,
  settled: 0,
  attempts: 0,
  failures: 0,
  dropped: 0,
  problem: undefined,
  isSending: false,
  isClosed: false,
  wake: undefined,
});

/** Sends until nothing is left. A failed batch is tried again after a pause, for as long as it takes. */
async function sendAll(state: State, options: OutboxOptions): Promise<void> {
  const { delayMs = DELAY_MS, pauseMs = doubling } = options;
  state.isSending = true;
  await pause(state, delayMs);
  while (state.entries.size > 0) {
    await sendOne(state, options);
    if (state.failures > 0 && state.entries.size > 0) await pause(state, pauseMs(state.failures));
  }
  state.isSending = false;
}

async function sendOne(state: State, options: OutboxOptions): Promise<void> {
  const batch = oldest(state.entries, options.batchSize ?? BATCH_SIZE);
  state.attempts += 1;
  try {
    const refused = await options.write(batch);
    state.failures = 0;
    state.problem = undefined;
    state.dropped += refused;
    state.settled += batch.length;
    for (const { id } of batch) state.entries.delete(id);
  } catch (error) {
    state.failures += 1;
    state.problem = error instanceof Error ? error.message : String(error);
  }
  for (const waiter of state.waiters) {
    const isOver = state.settled >= waiter.added;
    if (!isOver && (state.failures === 0 || state.attempts <= waiter.attempt)) continue;
    state.waiters.delete(waiter);
    waiter.resolve();
  }
}

function oldest(entries: State['entries'], count: number): readonly UsageRecord[] {
  const batch: UsageRecord[] = [];
  for (const { record } of entries.values()) {
    batch.push(record);
    if (batch.length === count) break;
  }
  return batch;
}

/** Somebody who flushes, or a full batch, ends it early. */
function pause(state: State, ms: number): Promise<void> {
  if (state.waiters.size > 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => state.wake?.(), ms).unref();
    state.wake = () => {
      clearTimeout(timer);
      state.wake = undefined;
      resolve();
    };
  });
}

function statsOf(state: State, nowMs: number): LedgerStats {
  const { value: first } = state.entries.values().next();
  return {
    queued: state.entries.size,
    lagMs: first === undefined ? 0 : Math.max(0, nowMs - first.sinceMs),
    dropped: state.dropped,
    ...(state.problem === undefined ? {} : { problem: state.problem }),
  };
}
