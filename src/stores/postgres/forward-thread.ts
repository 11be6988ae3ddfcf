/** Owns the forwarder's thread: started with the outbox, and started again where it ends. */
import type { Worker } from 'node:worker_threads';
import { GatewayError } from '../../core/errors.ts';
import { supervisedThread } from '../../lib/supervised-thread.ts';
import { workerBeside } from '../../lib/worker-beside.ts';
import {
  newShared,
  sharedStats,
  type ForwarderNews,
  type ForwarderSetup,
  type ToForwarder,
} from './forward-messages.ts';
import type { Forwarder } from './forwarder.ts';

interface ThreadOptions extends Omit<ForwarderSetup, 'shared'> {
  /** Called with the reason when it begins to fail, with undefined when it succeeds again. */
  readonly onProblem: (problem: string | undefined) => void;
  readonly spawn?: (setup: ForwarderSetup) => Worker;
}

/** One that ends at once must not be started in a circle. */
const RESTART_MS = 500;

/** As `createForwarder` is, without its work in this thread. What waits is found by the first look of each start. */
export function forwarderThread(options: ThreadOptions): Forwarder {
  const { onProblem, spawn = spawned, ...place } = options;
  const setup = { ...place, shared: newShared() };
  const { woken, stats } = sharedStats(setup.shared);
  const wake = (): void => {
    if (Atomics.compareExchange(woken, 0, 0, 1) === 0) Atomics.notify(woken, 0);
  };
  let problem: string | undefined;
  const setProblem = (next: string | undefined): void => {
    const isChange = (problem === undefined) !== (next === undefined);
    problem = next;
    if (isChange) onProblem(next);
  };
  const thread = supervisedThread<ToForwarder, undefined, ForwarderNews>({
    name: 'The thread that forwards to Postgres',
    spawn: () => spawn(setup),
    restartMs: RESTART_MS,
    onNews: (news) => setProblem(news.problem),
    onEnd: (why) => {
      setProblem(why);
      wake();
    },
  });
  thread.start();
  return {
    wake,
    flush: () => thread.ask('flush').catch(unavailable),
    stats: () => {
      const [rows = 0, sinceMs = 0, dropped = 0] = stats;
      return {
        waiting: rows,
        lagMs: sinceMs === 0 ? 0 : Math.max(0, Date.now() - sinceMs),
        dropped,
        restarts: thread.restarts(),
        ...(problem === undefined ? {} : { problem }),
      };
    },
    close: async () => {
      await thread.ask('close').catch(() => {});
      await thread.end();
      return stats[0] ?? 0;
    },
  };
}

/** Errors of a thread come as their message. */
function unavailable(cause: unknown): never {
  const message = cause instanceof Error ? cause.message : String(cause);
  throw new GatewayError('gateway_state_unavailable', message, { cause });
}

const spawned = (setup: ForwarderSetup): Worker =>
  workerBeside(import.meta.url, 'forward-worker', {
    workerData: setup,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
