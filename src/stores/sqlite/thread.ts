/** The database's thread: it is sent questions, and started again by the next one where it ended. */
import type { Worker } from 'node:worker_threads';
import { supervisedThread, type SupervisedThread } from '../../lib/supervised-thread.ts';
import { workerBeside } from '../../lib/worker-beside.ts';
import type { Question } from './messages.ts';

/** Rejects with a sentence that says what is wrong and what to do. */
export type DatabaseThread<Asks = Question> = Pick<
  SupervisedThread<Asks, readonly string[]>,
  'ask' | 'restarts' | 'end'
>;

export type Spawn = (path: string) => Worker;

/** @param idleMs - how long it is kept with nothing to do; absent: for good */
export const databaseThread = <Asks = Question>(
  path: string,
  spawn: Spawn = workerOf(import.meta.url),
  idleMs?: number,
): DatabaseThread<Asks> =>
  supervisedThread({
    spawn: () => spawn(path),
    name: "The store's thread",
    ...(idleMs === undefined ? {} : { idleMs }),
  });

/** Rows pass through; without a bound three times the main thread's is kept for what they leave. */
const YOUNG_MB = 6;

/** @param module - the `import.meta.url` of who asks: the thread's file is the `worker` beside it */
export const workerOf =
  (module: string): Spawn =>
  (path) =>
    started(module, path);

/** @param path - undefined: its first message is the path */
const started = (module: string, path: string | undefined): Worker =>
  workerBeside(module, 'worker', {
    workerData: path,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });

export interface EarlyThread {
  /** Gives the thread that was begun to the first who asks, and starts one for each further one. */
  readonly spawn: Spawn;
  /** Ends it where nobody asked. */
  readonly release: () => void;
}

/** Starts a ledger's thread before it is known of which file. */
export function earlyThread(): EarlyThread {
  let early: Worker | undefined = started(import.meta.url, undefined);
  const forget = (): void => {
    early = undefined;
  };
  early.unref();
  // One that cannot start is not given away: the next one says why.
  early.once('error', forget).once('exit', forget);
  return {
    spawn: (path) => {
      const worker = early;
      if (worker === undefined) return started(import.meta.url, path);
      worker.off('error', forget).off('exit', forget).postMessage(path);
      forget();
      return worker;
    },
    release: () => {
      void early?.terminate();
      forget();
    },
  };
}
