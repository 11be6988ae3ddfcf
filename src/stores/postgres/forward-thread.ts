/** Owns the forwarder's thread: started with the outbox, and started again where it ends. */
import type { Worker } from 'node:worker_threads';
import { workerBeside } from '../../lib/worker-beside.ts';
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
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface State {
  readonly setup: ForwarderSetup;
  readonly onProblem: ThreadOptions['onProblem'];
  readonly waiting: Map<number, Waiting>;
  worker: Worker;
  seq: number;
  problem: string | undefined;
  /** `down`: between its end and its next start. */
  phase: 'running' | 'down' | 'closing' | 'closed';
}

/** One that ends at once must not be started in a circle. */
const RESTART_MS = 500;

/** As `createForwarder` is, without its work in this thread. */
export function forwarderThread({ onProblem, ...place }: ThreadOptions): Forwarder {
  const setup = { ...place, shared: newShared() };
  const { woken, stats } = sharedStats(setup.shared);
  const state: State = {
    setup,
    onProblem,
    waiting: new Map(),
    worker: spawned(setup),
    seq: 0,
    problem: undefined,
    phase: 'running',
  };
  follow(state);
  return {
    wake: () => {
      if (Atomics.compareExchange(woken, 0, 0, 1) === 0) Atomics.notify(woken, 0);
    },
    flush: () => ask(state, 'flush'),
    stats: () => {
      const [rows = 0, sinceMs = 0, dropped = 0] = stats;
      return {
        waiting: rows,
        lagMs: sinceMs === 0 ? 0 : Math.max(0, Date.now() - sinceMs),
        dropped,
        ...(state.problem === undefined ? {} : { problem: state.problem }),
      };
    },
    close: async () => {
      const closed = ask(state, 'close');
      state.phase = 'closing';
      await closed.catch(() => {});
      state.phase = 'closed';
      await state.worker.terminate();
      return stats[0] ?? 0;
    },
  };
}

function ask(state: State, kind: ToForwarder['kind']): Promise<void> {
  if (state.phase === 'down' || state.phase === 'closed')
    return Promise.reject(new Error(state.problem ?? 'The forwarder to Postgres is closed.'));
  return new Promise((resolve, reject) => {
    state.seq += 1;
    state.waiting.set(state.seq, { resolve, reject });
    state.worker.ref();
    state.worker.postMessage({ kind, seq: state.seq } satisfies ToForwarder);
  });
}

function follow(state: State): void {
  const { worker, waiting } = state;
  let failure = 'it ended';
  worker.on('message', (message: FromForwarder) => {
    if (message.kind === 'problem') setProblem(state, message.problem);
    else settle(waiting, message);
    if (waiting.size === 0) worker.unref();
  });
  worker.once('error', (error) => (failure = String(error)));
  worker.once('exit', () => {
    const why = `The thread that forwards to Postgres is started again: ${failure}.`;
    for (const { reject } of waiting.values()) reject(new Error(why));
    waiting.clear();
    if (state.phase !== 'running') return;
    state.phase = 'down';
    setProblem(state, why);
    setTimeout(startAgain, RESTART_MS, state).unref();
  });
  // It must not keep the process alive; whoever waits for it does.
  worker.unref();
}

/** What waits is found by its first look. */
function startAgain(state: State): void {
  if (state.phase !== 'down') return;
  state.phase = 'running';
  state.worker = spawned(state.setup);
  follow(state);
  const { woken } = sharedStats(state.setup.shared);
  Atomics.store(woken, 0, 1);
  Atomics.notify(woken, 0);
}

function setProblem(state: State, next: string | undefined): void {
  const isChange = (state.problem === undefined) !== (next === undefined);
  state.problem = next;
  if (isChange) state.onProblem(next);
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

const spawned = (setup: ForwarderSetup): Worker =>
  workerBeside(import.meta.url, 'forward-worker', {
    workerData: setup,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
