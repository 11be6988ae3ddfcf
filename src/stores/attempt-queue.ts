/** Intents and ends on their way to the ledger's thread: a batch at a time, in order, so that one sync of the disk serves many. */
import { randomUUID } from 'node:crypto';
import type { AttemptEnd, AttemptIntent, AttemptLog } from '../core/attempt-log.ts';
import { GatewayError } from '../core/errors.ts';
import type { AttemptOp, AttemptQuestion, Beat, Boot, Booked } from './attempts-messages.ts';
import { BEAT_MS, thisBoot } from './boots.ts';

export interface AttemptQueue extends AttemptLog {
  readonly boot: Boot;
  /** Says that this process lives, and takes over what dead ones left. Rejects when the store cannot be asked. */
  beat(): Promise<Beat>;
  /** Resolves when everything so far is durable, or when a write fails. */
  flush(): Promise<void>;
  /** That share the file and live, this one among them. */
  processes(): number;
  /** Flushes, and says farewell. Returns what could not be written. */
  close(): Promise<readonly AttemptEnd[]>;
}

/** Answers as `attempts-messages.ts` says. */
type AskThread = (question: AttemptQuestion) => Promise<readonly string[]>;

/** 100 rows are 3 ms in SQLite. */
const BATCH_SIZE = 100;
/** A paid call that cannot be written down waits so long, and is then refused. */
const LONGEST_WAIT_MS = 2_000;
const LONGEST_PAUSE_MS = 1_000;

interface Queued {
  readonly op: AttemptOp;
  /** Of an intent that somebody waits for. */
  done?: (booked: Booked) => void;
}

interface State {
  readonly boot: Boot;
  readonly ask: AskThread;
  readonly queue: Queued[];
  /** How many of the queue are being written. */
  sent: number;
  failures: number;
  isSending: boolean;
  waiters: (() => void)[];
  /** Ids of this process's intents without an end. */
  readonly open: Set<string>;
  latest: Beat | undefined;
}

/** @param epochMs milliseconds since the epoch */
export function attemptQueue(ask: AskThread, epochMs: () => number = Date.now): AttemptQueue {
  const state: State = {
    boot: thisBoot(randomUUID()),
    ask,
    queue: [],
    sent: 0,
    failures: 0,
    isSending: false,
    waiters: [],
    open: new Set(),
    latest: undefined,
  };
  const { boot } = state;
  const beat = async (): Promise<Beat> => {
    state.latest = await asked<Beat>(state, { kind: 'beat', boot, atMs: epochMs() });
    return state.latest;
  };
  // A failure shows in what is written, and is said there.
  const beating = setInterval(() => void beat().catch(() => {}), BEAT_MS).unref();
  const end = (how: AttemptEnd): void => {
    state.open.delete(how.id);
    add(state, { op: { end: how } });
  };
  return {
    boot,
    beat,
    open: (intent) => opened(state, intent, () => end(released(intent, epochMs()))),
    end,
    committed: async (accounts) =>
      (await asked<Booked>(state, { kind: 'committed', boot, accounts })).elsewhere,
    stats: () => ({
      open: state.open.size,
      queued: state.queue.length,
      unreconciled: state.latest?.unreconciled ?? 0,
      unreconciledNanoUsd: state.latest?.unreconciledNanoUsd ?? 0,
      ...sinceOf(state.latest),
    }),
    flush: () => flushed(state),
    processes: () => state.latest?.processes ?? 1,
    close: async () => {
      clearInterval(beating);
      await flushed(state);
      await ask({ kind: 'farewell', boot }).catch(() => []);
      return state.queue.flatMap(({ op }) => ('end' in op ? [op.end] : []));
    },
  };
}

const sinceOf = (beat: Beat | undefined) =>
  beat?.oldestUnreconciledMs === undefined
    ? {}
    : { oldestUnreconciledMs: beat.oldestUnreconciledMs };

async function asked<T>({ ask }: Pick<State, 'ask'>, question: AttemptQuestion): Promise<T> {
  const [text = ''] = await ask(question);
  return JSON.parse(text);
}

const released = ({ id }: AttemptIntent, atMs: number): AttemptEnd => ({
  id,
  atMs,
  state: 'released',
  usedNanoUsd: 0,
});

/** @param givenUp called for an intent that may yet be written, though nobody acts on it */
function opened(
  state: State,
  intent: AttemptIntent,
  givenUp: () => void,
): ReturnType<AttemptLog['open']> {
  const { promise, resolve, reject } =
    Promise.withResolvers<Awaited<ReturnType<AttemptLog['open']>>>();
  const queued: Queued = { op: { open: intent } };
  const late = setTimeout(() => {
    delete queued.done;
    const at = state.queue.indexOf(queued);
    if (at >= state.sent) state.queue.splice(at, 1);
    else givenUp();
    reject(ledgerUnavailable());
  }, LONGEST_WAIT_MS).unref();
  queued.done = ({ refused, elsewhere }) => {
    clearTimeout(late);
    const no = refused.find(({ id }) => id === intent.id);
    if (no?.budget === null) {
      reject(ledgerUnavailable());
      return;
    }
    if (no === undefined) state.open.add(intent.id);
    resolve({ elsewhere, ...(no === undefined ? {} : { refusedBy: no.budget }) });
  };
  add(state, queued);
  return promise;
}

export const ledgerUnavailable = (): GatewayError =>
  new GatewayError(
    'gateway_ledger_unavailable',
    'What this request may cost cannot be written to the ledger now, so nothing was sent. Ask again in a few seconds; the gateway’s log says what is wrong.',
    { headers: { 'retry-after': '5' } },
  );

function add(state: State, queued: Queued): void {
  state.queue.push(queued);
  if (state.isSending) return;
  state.isSending = true;
  // What is asked for in one turn of the event loop shares a batch.
  setImmediate(sendNext, state);
}

/** Writes until the queue is empty. A failed batch is sent again after a pause, indefinitely. */
function sendNext(state: State): void {
  const { queue, boot } = state;
  const batch = queue.slice(0, BATCH_SIZE);
  if (batch.length === 0) {
    state.isSending = false;
    wake(state);
    return;
  }
  state.sent = batch.length;
  const ops = batch.map(({ op }) => op);
  state
    .ask({ kind: 'attempts', boot, ops })
    .then(([text = '']) => written(state, batch, JSON.parse(text)))
    .catch(() => failed(state));
}

function written(state: State, batch: readonly Queued[], booked: Booked): void {
  state.failures = 0;
  state.sent = 0;
  state.queue.splice(0, batch.length);
  for (const { done } of batch) done?.(booked);
  sendNext(state);
}

function failed(state: State): void {
  state.failures += 1;
  state.sent = 0;
  // Who flushes does not wait for a store that cannot be written.
  wake(state);
  const pauseMs = Math.min(LONGEST_PAUSE_MS, 50 * 2 ** state.failures);
  setTimeout(sendNext, pauseMs, state).unref();
}

function flushed(state: State): Promise<void> {
  if (!state.isSending) return Promise.resolve();
  return new Promise((resolve) => void state.waiters.push(resolve));
}

function wake(state: State): void {
  for (const resolve of state.waiters) resolve();
  state.waiters = [];
}
