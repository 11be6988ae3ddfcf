/** A thread that answers questions, and is started again where it ends. */
import type { Worker } from 'node:worker_threads';

/** What the thread gets: `seq` comes back with the answer. */
export interface ThreadQuestion<Asks> {
  readonly seq: number;
  readonly question: Asks;
}

/** What it sends to an answer, or to its start (`OPENED`): one that says why it cannot open is ended. */
export type ThreadReply<Found> =
  | { readonly seq: number; readonly found: Found }
  | { readonly seq: number; readonly failure: string };

/** The number of the first message, before any question. */
export const OPENED = 0;

export interface ThreadOptions<News> {
  readonly spawn: () => Worker;
  /** In sentences for people: `The store's thread`. */
  readonly name: string;
  /** Milliseconds from its end to its next start; absent: it is started by the next question. */
  readonly restartMs?: number;
  /** How long it is kept with nothing to do, until the next question starts another; absent: for good. */
  readonly idleMs?: number;
  /** A message that answers nothing. */
  readonly onNews?: (news: News) => void;
  /** It ended without being told to; `why` is a sentence. */
  readonly onEnd?: (why: string) => void;
}

export interface SupervisedThread<Asks, Found> {
  /**
   * Keeps the process alive until it is answered, which the thread alone does not.
   * @throws Error with a sentence, where it cannot be answered or the thread ends meanwhile
   */
  ask(question: Asks, handedOver?: readonly ArrayBuffer[]): Promise<Found>;
  /** Where no question shall have to wait for it. */
  start(): void;
  /** How often it ended without being told to. */
  restarts(): number;
  /** For good. */
  end(): Promise<void>;
}

interface Waiting<Found> {
  readonly resolve: (found: Found) => void;
  readonly reject: (error: Error) => void;
}

interface Run<Found> {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting<Found>>;
  /** Until it has had nothing to do for too long. */
  resting: NodeJS.Timeout | undefined;
}

interface State<Found> {
  run: Run<Found> | undefined;
  seq: number;
  restarts: number;
  isClosed: boolean;
  /** Between its end and the start that is planned: why it ended. */
  down: string | undefined;
}

/** The thread may also send what `isReply` is false for: news. */
export function supervisedThread<Asks, Found, News extends object = never>(
  options: ThreadOptions<News>,
): SupervisedThread<Asks, Found> {
  const state: State<Found> = {
    run: undefined,
    seq: OPENED,
    restarts: 0,
    isClosed: false,
    down: undefined,
  };
  return {
    ask: (question, handedOver = []) =>
      new Promise((resolve, reject) => {
        const why = state.isClosed ? `${options.name} was closed.` : state.down;
        if (why !== undefined) return reject(new Error(why));
        const { worker, waiting, resting } = running(state, options);
        clearTimeout(resting);
        state.seq += 1;
        waiting.set(state.seq, { resolve, reject });
        worker.ref();
        worker.postMessage({ seq: state.seq, question } satisfies ThreadQuestion<Asks>, [
          ...handedOver,
        ]);
      }),
    start: () => void running(state, options),
    restarts: () => state.restarts,
    end: async () => {
      state.isClosed = true;
      await state.run?.worker.terminate();
    },
  };
}

function running<Found, News extends object>(
  state: State<Found>,
  options: ThreadOptions<News>,
): Run<Found> {
  if (state.run !== undefined) return state.run;
  const run: Run<Found> = { worker: options.spawn(), waiting: new Map(), resting: undefined };
  const { worker } = run;
  let failure = 'it exited';
  worker.on('message', (message: ThreadReply<Found> | News) => {
    if (!isReply(message)) options.onNews?.(message);
    else if (message.seq !== OPENED) {
      settle(run, message);
      if (run.waiting.size === 0) rest(state, run, options.idleMs);
    } else if ('failure' in message) {
      over(state, run, message.failure);
      void worker.terminate();
    }
  });
  worker.once('error', (error) => (failure = String(error)));
  // Always follows an error.
  worker.once('exit', () => exited({ state, run, options, failure }));
  worker.unref();
  state.run = run;
  return run;
}

/** Nobody waits for an answer: the thread no longer keeps the process alive, and is ended after a while. */
function rest<Found>(state: State<Found>, run: Run<Found>, idleMs: number | undefined): void {
  run.worker.unref();
  if (idleMs === undefined) return;
  clearTimeout(run.resting);
  run.resting = setTimeout(() => {
    if (state.run !== run) return;
    state.run = undefined;
    void run.worker.terminate();
  }, idleMs).unref();
}

const isReply = <Found>(message: ThreadReply<Found> | object): message is ThreadReply<Found> =>
  'seq' in message;

interface Exit<Found, News> {
  readonly state: State<Found>;
  readonly run: Run<Found>;
  readonly options: ThreadOptions<News>;
  readonly failure: string;
}

function exited<Found, News extends object>({ state, run, options, failure }: Exit<Found, News>) {
  const why = `${options.name} ended (${failure}) and is started again.`;
  const isUnforeseen = state.run === run && !state.isClosed;
  over(state, run, why);
  if (!isUnforeseen) return;
  state.restarts += 1;
  const { restartMs, onEnd } = options;
  if (restartMs !== undefined) {
    state.down = why;
    setTimeout(() => {
      state.down = undefined;
      if (!state.isClosed) running(state, options);
    }, restartMs).unref();
  }
  onEnd?.(why);
}

function over<Found>(state: State<Found>, run: Run<Found>, why: string): void {
  if (state.run === run) state.run = undefined;
  for (const { reject } of run.waiting.values()) reject(new Error(why));
  run.waiting.clear();
}

function settle<Found>({ waiting }: Run<Found>, reply: ThreadReply<Found>): void {
  const asked = waiting.get(reply.seq);
  if (asked === undefined) return;
  waiting.delete(reply.seq);
  if ('failure' in reply) asked.reject(new Error(reply.failure));
  else asked.resolve(reply.found);
}
