/**
 * A bounded write-behind queue: accepts records at once, writes them in batches, one at a time, and retries until the store
 * acknowledges. When it is full the newest records are dropped and counted, because those that wait are already promised. Records
 * wait in the form in which they are stored: one text is cheaper to keep alive than a few dozen objects.
 */
import type { LedgerStats } from '../../core/store.ts';

export interface WriteBehindOptions<Row> {
  /** Makes a batch durable, and returns the number of those that can never be stored. */
  readonly write: (rows: readonly Row[]) => Promise<number>;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
  readonly batchSize?: number;
  readonly capacity?: number;
  /** How long to wait after the n-th consecutive failure. */
  readonly pauseMs?: (failures: number) => number;
  /** Called with the reason when writes begin to fail, with undefined when one succeeds again. Must not throw. */
  readonly onProblem?: (problem: string | undefined) => void;
}

export interface WriteBehind<Row> {
  /** Whether it was taken. `undefined`, for a record that cannot be serialised, counts as dropped. */
  add(id: string, row: Row | undefined): boolean;
  /** The record's row while it waits; else undefined. */
  find(id: string): Row | undefined;
  stats(): LedgerStats;
  /** Resolves when all added records are durable, or when an attempt made from now on fails. */
  flush(): Promise<void>;
  /** Returns what cannot be written after one more attempt, oldest first. */
  close(): Promise<readonly Row[]>;
  /** Counts as dropped what nobody keeps. */
  drop(rows: number): void;
}

interface Queued<Row> {
  readonly id: string;
  readonly row: Row;
  readonly sinceMs: number;
}

/** A caller who waits until `added` records are settled, or until an attempt after `attempt` fails. */
interface Waiter {
  readonly added: number;
  readonly attempt: number;
  readonly resolve: () => void;
}

interface State<Row> {
  /**
   * Oldest first; an entry leaves when it is durable. An array, not a Map: V8 chains a Map's old backing stores on resize, which
   * keeps removed entries alive until a major GC.
   */
  readonly entries: Queued<Row>[];
  readonly waiters: Set<Waiter>;
  /** Entries ever added, and ever settled: they settle in order. */
  added: number;
  settled: number;
  attempts: number;
  failures: number;
  dropped: number;
  problem: string | undefined;
  isSending: boolean;
  isClosed: boolean;
  /** Ends the current wait after a failure. */
  wake: (() => void) | undefined;
}

/** 100 rows are 3 ms in SQLite. */
const BATCH_SIZE = 100;
/** About 50 MB of records. */
const CAPACITY = 20_000;
const LONGEST_PAUSE_MS = 10_000;

/** 0.1 s, 0.2 s, 0.4 s and so on. */
const doubling = (failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, 100 * 2 ** (failures - 1));

export function createWriteBehind<Row>(options: WriteBehindOptions<Row>): WriteBehind<Row> {
  const { nowMs, capacity = CAPACITY } = options;
  const state = newState<Row>();
  const flush = (): Promise<void> =>
    new Promise((resolve) => {
      if (state.entries.length === 0) {
        resolve();
        return;
      }
      state.waiters.add({ added: state.added, attempt: state.attempts, resolve });
      state.wake?.();
    });
  return {
    add: (id, row) => {
      const { entries } = state;
      if (row === undefined || state.isClosed || entries.length >= capacity) {
        state.dropped += 1;
        return false;
      }
      entries.push({ id, row, sinceMs: nowMs() });
      state.added += 1;
      if (!state.isSending) void sendAll(state, options);
      return true;
    },
    find: (id) => state.entries.find((entry) => entry.id === id)?.row,
    stats: () => statsOf(state, nowMs()),
    flush,
    close: async () => {
      state.isClosed = true;
      await flush();
      const left = state.entries.splice(0).map(({ row }) => row);
      state.wake?.();
      return left;
    },
    drop: (rows) => {
      state.dropped += rows;
    },
  };
}

const newState = <Row>(): State<Row> => ({
  entries: [],
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

/** Writes until the queue is empty. A failed batch is retried after a pause, indefinitely. */
async function sendAll<Row>(state: State<Row>, options: WriteBehindOptions<Row>): Promise<void> {
  const { pauseMs = doubling } = options;
  state.isSending = true;
  // Records are published in batches (`assembly/record-batches.ts`): all of one are added before this goes on.
  await Promise.resolve();
  while (state.entries.length > 0) {
    await sendOne(state, options);
    if (state.failures > 0 && state.entries.length > 0) await pause(state, pauseMs(state.failures));
  }
  state.isSending = false;
}

async function sendOne<Row>(state: State<Row>, options: WriteBehindOptions<Row>): Promise<void> {
  const batch = state.entries.slice(0, options.batchSize ?? BATCH_SIZE);
  state.attempts += 1;
  try {
    const refused = await options.write(batch.map(({ row }) => row));
    state.failures = 0;
    setProblem(state, undefined, options);
    state.dropped += refused;
    state.settled += batch.length;
    state.entries.splice(0, batch.length);
  } catch (error) {
    state.failures += 1;
    setProblem(state, error instanceof Error ? error.message : String(error), options);
  }
  for (const waiter of state.waiters) {
    const isOver = state.settled >= waiter.added;
    if (!isOver && (state.failures === 0 || state.attempts <= waiter.attempt)) continue;
    state.waiters.delete(waiter);
    waiter.resolve();
  }
}

/** A new reason during the same failure is kept for `stats`, and not reported again. */
function setProblem(
  state: State<unknown>,
  problem: string | undefined,
  { onProblem }: Pick<WriteBehindOptions<unknown>, 'onProblem'>,
): void {
  const isChange = (state.problem === undefined) !== (problem === undefined);
  state.problem = problem;
  if (isChange) onProblem?.(problem);
}

/** Waits; a flush ends it early. */
function pause(state: State<unknown>, ms: number): Promise<void> {
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

function statsOf(state: State<unknown>, nowMs: number): LedgerStats {
  const [first] = state.entries;
  return {
    queued: state.entries.length,
    lagMs: first === undefined ? 0 : Math.max(0, nowMs - first.sinceMs),
    dropped: state.dropped,
    ...(state.problem === undefined ? {} : { problem: state.problem }),
  };
}
