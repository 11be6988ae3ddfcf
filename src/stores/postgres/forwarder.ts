/**
 * Forwards the outbox to Postgres, a batch at a time and for as long as it takes: the rows are deleted here after they are committed
 * there. What Postgres refuses as a row is skipped and counted, so that it does not hold up the others.
 */
import type { OutboxHead, OutboxQuestion } from '../outbox/outbox.ts';
import type { DatabaseThread } from '../sqlite/thread.ts';
import type { Postgres } from './port.ts';
import { isAboutTheRow } from './errors.ts';
import { forwardInto, partsOf } from './forward.ts';

export interface Forwarder {
  /** Something was written. Never waits. */
  wake(): void;
  /** Resolves when everything written before is in Postgres; rejects when an attempt made from now on fails. */
  flush(): Promise<void>;
  stats(): ForwarderStats;
  /** Tries once more. Resolves to the number of rows that stay. */
  close(): Promise<number>;
}

interface ForwarderStats {
  /** Rows that are here and not there, as far as is known. */
  readonly waiting: number;
  /** Age of the oldest, in milliseconds. */
  readonly lagMs: number;
  /** Rows that Postgres can never hold. */
  readonly dropped: number;
  /** How often its thread ended and was started again; absent: it has none. */
  readonly restarts?: number;
  readonly problem?: string;
}

interface ForwarderOptions {
  /** Asked about the outbox only. */
  readonly thread: Pick<DatabaseThread<OutboxQuestion>, 'ask'>;
  readonly postgres: Pick<Postgres, 'transaction'>;
  readonly outbox: string;
  /** Milliseconds since the epoch. */
  readonly epochMs: () => number;
  /** Called with the reason when it begins to fail, with undefined when it succeeds again. */
  readonly onProblem?: (problem: string | undefined) => void;
  /** Called with each look at the outbox, and the rows that Postgres can never hold. */
  readonly onHead?: (head: OutboxHead, dropped: number) => void;
}

/** 200 records are half a megabyte. */
const BATCH_ROWS = 200;
/** What comes within so long shares a transaction. */
const DELAY_MS = 20;
const LONGEST_PAUSE_MS = 2_000;

interface Waiter {
  /** The round that has seen everything written before. */
  readonly round: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface State {
  readonly options: ForwarderOptions;
  /** Rounds begun; a round ends with an empty outbox or an error. */
  rounds: number;
  isRunning: boolean;
  isWoken: boolean;
  most: number;
  failures: number;
  dropped: number;
  head: OutboxHead | undefined;
  problem: string | undefined;
  waiters: Waiter[];
  hurry: (() => void) | undefined;
}

export function createForwarder(options: ForwarderOptions): Forwarder {
  const state: State = {
    options,
    rounds: 0,
    isRunning: false,
    isWoken: false,
    most: BATCH_ROWS,
    failures: 0,
    dropped: 0,
    head: undefined,
    problem: undefined,
    waiters: [],
    hurry: undefined,
  };
  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => {
      state.waiters.push({ round: state.rounds + 1, resolve, reject });
      wake(state);
      state.hurry?.();
    });
  return {
    wake: () => wake(state),
    flush,
    stats: () => statsOf(state),
    close: async () => {
      await flush().catch(() => {});
      return state.head?.waiting ?? 0;
    },
  };
}

function wake(state: State): void {
  state.isWoken = true;
  if (state.isRunning) return;
  state.isRunning = true;
  void run(state);
}

async function run(state: State): Promise<void> {
  await pause(state, DELAY_MS);
  while (state.isWoken) {
    state.isWoken = false;
    state.rounds += 1;
    try {
      await sendAll(state);
      state.failures = 0;
      setProblem(state, undefined);
      settle(state, (waiter) => waiter.resolve());
    } catch (error) {
      state.failures += 1;
      state.isWoken = true;
      setProblem(state, error instanceof Error ? error.message : String(error));
      settle(state, (waiter) => waiter.reject(error));
      await pause(state, Math.min(LONGEST_PAUSE_MS, 50 * 2 ** state.failures));
    }
  }
  state.isRunning = false;
}

function settle(state: State, how: (waiter: Waiter) => void): void {
  const over = state.waiters.filter(({ round }) => round <= state.rounds);
  state.waiters = state.waiters.filter(({ round }) => round > state.rounds);
  for (const waiter of over) how(waiter);
}

/** Until the outbox is empty. */
async function sendAll(state: State): Promise<void> {
  const { thread, postgres, outbox } = state.options;
  for (;;) {
    const [headText = '', ...parts] = await thread.ask({ kind: 'outbox-next', most: state.most });
    const head: OutboxHead = JSON.parse(headText);
    state.head = head;
    state.options.onHead?.(head, state.dropped);
    if (head.rows === 0) return;
    try {
      await postgres.transaction((query) => forwardInto(query, partsOf(parts), outbox));
    } catch (error) {
      if (!isAboutTheRow(error)) throw error;
      // Halved until the row that is at fault is alone.
      if (head.rows > 1) {
        state.most = Math.ceil(head.rows / 2);
        continue;
      }
      state.dropped += 1;
    }
    await thread.ask({ kind: 'outbox-done', upTo: head.upTo });
    state.most = BATCH_ROWS;
  }
}

function setProblem(state: State, problem: string | undefined): void {
  const isChange = (state.problem === undefined) !== (problem === undefined);
  state.problem = problem;
  if (isChange) state.options.onProblem?.(problem);
}

/** A flush ends it early. */
function pause(state: State, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      state.hurry = undefined;
      resolve();
    };
    const timer = setTimeout(over, ms).unref();
    state.hurry = over;
  });
}

function statsOf({ head, dropped, problem, options }: State): ForwarderStats {
  const { waiting = 0, sinceMs = 0 } = head ?? {};
  return {
    waiting,
    lagMs: sinceMs === 0 ? 0 : Math.max(0, options.epochMs() - sinceMs),
    dropped,
    ...(problem === undefined ? {} : { problem }),
  };
}
