/** Owns the database's thread: sends it questions, detects its exit, and restarts it at the next question. */
import type { Worker } from 'node:worker_threads';
import { workerBeside } from '../lib/worker-beside.ts';
import { OPENED, type Asked, type Question, type Reply } from './sqlite-messages.ts';

export interface DatabaseThread<Asks = Question> {
  /** Rejects with a sentence that says what is wrong and what to do, also when the thread exits meanwhile. */
  ask(question: Asks, handedOver?: readonly ArrayBuffer[]): Promise<readonly string[]>;
  /** Terminates the thread. */
  end(): Promise<void>;
}

interface Waiting {
  readonly resolve: (rows: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

interface Running {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

export type Spawn = (path: string) => Worker;

export function databaseThread<Asks = Question>(
  path: string,
  spawn: Spawn = workerOf('sqlite-worker'),
): DatabaseThread<Asks> {
  let running: Running | undefined;
  let seq = OPENED;

  const start = (): Running => {
    const waiting = new Map<number, Waiting>();
    const worker = spawn(path);
    const started = { worker, waiting };
    const over = (why: string): void => {
      if (running === started) running = undefined;
      for (const { reject } of waiting.values()) reject(new Error(why));
      waiting.clear();
    };
    worker.on('message', (reply: Reply) => {
      settle(started, reply);
      if (reply.seq !== OPENED || !('failure' in reply)) return;
      over(reply.failure);
      void worker.terminate();
    });
    worker.once('error', (error) => over(`The store's thread failed: ${String(error)}.`));
    worker.once('exit', () => over("The store's thread ended; it is started again."));
    // The thread alone must not keep the process alive; a pending question does.
    worker.unref();
    running = started;
    return started;
  };

  return {
    ask: (question, handedOver = []) =>
      new Promise((resolve, reject) => {
        const { worker, waiting } = running ?? start();
        seq += 1;
        waiting.set(seq, { resolve, reject });
        worker.ref();
        worker.postMessage({ seq, question } satisfies Asked<Asks>, [...handedOver]);
      }),
    end: async () => {
      await running?.worker.terminate();
    },
  };
}

function settle({ worker, waiting }: Running, reply: Reply): void {
  const asked = waiting.get(reply.seq);
  if (asked === undefined) return;
  waiting.delete(reply.seq);
  if (waiting.size === 0) worker.unref();
  if ('failure' in reply) asked.reject(new Error(reply.failure));
  else asked.resolve(reply.rows);
}

/** @param name - of the file beside this one */
export const workerOf =
  (name: string): Spawn =>
  (path) =>
    workerBeside(import.meta.url, name, {
      workerData: path,
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
