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
    workerBeside(module, 'worker', {
      workerData: path,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
