/** Owns the forwarder's thread: started with the outbox, and started again where it ends. */
import { Worker } from 'node:worker_threads';
import {
  newShared,
  sharedStats,
  type ForwarderSetup,
  type FromForwarder,
  type ToForwarder,
} from './forward-messages.ts';
import type { Forwarder } from './forwarder.ts';

interface ThreadOptions extends Omit<ForwarderSetup, 'shared'> {
  /** Called with the reason when it begins to fail, with undefined when it succeeds again. */
  readonly onProblem: (problem: string | undefined) => void;
  readonly spawn?: (setup: ForwarderSetup) => Worker;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** One that ends at once must not be started in a circle. */
const RESTART_MS = 500;

/** As `createForwarder` is, without its work in this thread. */
export function forwarderThread({
  onProblem,
  spawn = spawned,
  ...place
}: ThreadOptions): Forwarder {
  const shared = newShared();
  const { woken, stats } = sharedStats(shared);
  const waiting = new Map<number, Waiting>();
  let seq = 0;
  let problem: string | undefined;
  let isClosing = false;
  let isOver = false;
  const setProblem = (next: string | undefined): void => {
    const isChange = (problem === undefined) !== (next === undefined);
    problem = next;
    if (isChange) onProblem(next);
  };
  const start = (): Worker => {
    const worker = spawn({ ...place, shared });
    let failure = 'it ended';
    worker.on('message', (message: FromForwarder) => {
      if (message.kind === 'problem') setProblem(message.problem);
      else settle(waiting, message);
      if (waiting.size === 0) worker.unref();
    });
    worker.once('error', (error) => (failure = String(error)));
    worker.once('exit', () => {
      const why = `The thread that forwards to Postgres is started again: ${failure}.`;
      for (const { reject } of waiting.values()) reject(new Error(why));
      waiting.clear();
      if (isClosing) return;
      setProblem(why);
      setTimeout(() => {
        if (isClosing) return;
        running = start();
        notice();
      }, RESTART_MS).unref();
    });
    // It must not keep the process alive; whoever waits for it does.
    worker.unref();
    return worker;
  };
  const notice = (): void => {
    if (Atomics.exchange(woken, 0, 1) === 0) Atomics.notify(woken, 0);
  };
  const ask = (kind: ToForwarder['kind']): Promise<void> =>
    new Promise((resolve, reject) => {
      if (isOver) {
        reject(new Error('The forwarder to Postgres is closed.'));
        return;
      }
      seq += 1;
      waiting.set(seq, { resolve, reject });
      running.ref();
      running.postMessage({ kind, seq } satisfies ToForwarder);
    });
  let running = start();
  return {
    wake: notice,
    flush: () => ask('flush'),
    stats: () => {
      const [rows = 0, sinceMs = 0, dropped = 0] = stats;
      return {
        waiting: rows,
        lagMs: sinceMs === 0 ? 0 : Math.max(0, Date.now() - sinceMs),
        dropped,
        ...(problem === undefined ? {} : { problem }),
      };
    },
    close: async () => {
      isClosing = true;
      await ask('close').catch(() => {});
      isOver = true;
      await running.terminate();
      return stats[0] ?? 0;
    },
  };
}

function settle(
  waiting: Map<number, Waiting>,
  message: Exclude<FromForwarder, { kind: 'problem' }>,
): void {
  const asked = waiting.get(message.seq);
  waiting.delete(message.seq);
  if (message.kind === 'flushed' && message.failure !== undefined)
    asked?.reject(new Error(message.failure));
  else asked?.resolve();
}

function spawned(setup: ForwarderSetup): Worker {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const file = new URL(`./forward-worker.${extension}`, import.meta.url);
  return new Worker(file, {
    workerData: setup,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
}
