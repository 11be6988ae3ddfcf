/** The database's thread: it is sent questions, and started again by the next one where it ended. */
import type { Worker } from 'node:worker_threads';
import { supervisedThread, type SupervisedThread } from '../lib/supervised-thread.ts';
import { workerBeside } from '../lib/worker-beside.ts';
import type { Question } from './sqlite-messages.ts';

/** Rejects with a sentence that says what is wrong and what to do. */
export type DatabaseThread<Asks = Question> = Pick<
  SupervisedThread<Asks, readonly string[]>,
  'ask' | 'restarts' | 'end'
>;

export type Spawn = (path: string) => Worker;

export const databaseThread = <Asks = Question>(
  path: string,
  spawn: Spawn = workerOf('sqlite-worker'),
): DatabaseThread<Asks> =>
  supervisedThread({ spawn: () => spawn(path), name: "The store's thread" });

/** @param name - of the file beside this one */
export const workerOf =
  (name: string): Spawn =>
  (path) =>
    workerBeside(import.meta.url, name, {
      workerData: path,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
