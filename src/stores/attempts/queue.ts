/** Intents and ends on their way to the ledger's thread: a batch at a time, in order, so that one sync of the disk serves many. */
import { randomUUID } from 'node:crypto';
import type { AttemptEnd, AttemptIntent, AttemptLog } from '../../core/attempt-log.ts';
import { GatewayError } from '../../core/errors.ts';
import { afterPoll } from '../../lib/after-poll.ts';
import type { AttemptOp, AttemptQuestion, Beat, Boot, Booked } from './messages.ts';
import { BEAT_MS, thisBoot } from '../tables/boots.ts';

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

/** Answers as `messages.ts` says. */
type AskThread = (question: AttemptQuestion) => Promise<readonly string[]>;

/** 100 rows are 3 ms in SQLite. */
const BATCH_SIZE = 100;
/** A paid call that cannot be written down waits so long, and is then refused. */
const LONGEST_WAIT_MS = 2_000;
const LONGEST_PAUSE_MS = 1_000;
/** Ends, for which nobody waits, wait so long for intents to be written with. */
const ENDS_WAIT_MS = 5;

interface Queued {
  readonly op: AttemptOp;
  /** Who waits for an intent. */
  waiting?: Waiting;
}

interface Waiting {
  /** Milliseconds, monotonic. */
  readonly sinceMs: number;
  written(booked: Booked): void;
  /** @param isSent it may yet be written, though nobody acts on it */
  late(isSent: boolean): void;
}

interface State {
  readonly boot: Boot;
  readonly ask: AskThread;
  readonly queue: Queued[];
  /** How many of the queue are being written. */
  sent: number;
  failures: number;
  isSending: boolean;
  /** Until ends are sent without an intent. */
  resting: NodeJS.Timeout | undefined;
  /** One timer for the oldest intent: one for each would cost as much as sending it. */
  watching: NodeJS.Timeout | undefined;
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
    resting: undefined,
    watching: undefined,
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
  const waiting: Waiting = {
    sinceMs: performance.now(),
    written: ({ refused, elsewhere }) => {
      const no = refused.find(({ id }) => id === intent.id);
      if (no?.budget === null) {
        reject(ledgerUnavailable());
        return;
      }
      if (no === undefined) state.open.add(intent.id);
      resolve({ elsewhere, ...(no === undefined ? {} : { refusedBy: no.budget }) });
    },
    late: (isSent) => {
      if (isSent) givenUp();
      reject(ledgerUnavailable());
    },
  };
  add(state, { op: { open: intent }, waiting });
  watch(state, LONGEST_WAIT_MS);
  return promise;
}

/** After a busy turn, what was written in time is read first. */
function watch(state: State, ms: number): void {
  const look = (): void => {
    state.watching = undefined;
    const next = giveUpOld(state);
    if (next !== undefined) watch(state, next);
  };
  state.watching ??= setTimeout(afterPoll, ms, look).unref();
}

/** Gives up what has waited for too long. Returns in how many milliseconds the next may have; undefined where none waits. */
function giveUpOld(state: State): number | undefined {
  const untilMs = performance.now() - LONGEST_WAIT_MS;
  const late = state.queue.flatMap((queued, at) => {
    const { waiting } = queued;
    const isLate = waiting !== undefined && waiting.sinceMs <= untilMs;
    return isLate ? [{ queued, waiting, isSent: at < state.sent }] : [];
  });
  for (const { queued, waiting, isSent } of late) {
    delete queued.waiting;
    if (!isSent) state.queue.splice(state.queue.indexOf(queued), 1);
    waiting.late(isSent);
  }
  const next = state.queue.find(({ waiting }) => waiting !== undefined)?.waiting;
  return next && next.sinceMs - untilMs;
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
  if (isEnd(queued)) rest(state);
  // What is asked for in one turn of the event loop shares a batch.
  else setImmediate(sendNext, begun(state));
}

const isEnd = ({ op }: Queued): boolean => 'end' in op;

function begun(state: State): State {
  clearTimeout(state.resting);
  state.resting = undefined;
  state.isSending = true;
  return state;
}

function rest(state: State): void {
  state.resting ??= setTimeout(() => sendNext(begun(state)), ENDS_WAIT_MS).unref();
}

/** Writes until the queue is empty, or has ends alone. A failed batch is sent again after a pause, indefinitely. */
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
  for (const { waiting } of batch) waiting?.written(booked);
  const { queue, waiters } = state;
  if (queue.length === 0 || waiters.length > 0 || !queue.every(isEnd)) {
    sendNext(state);
    return;
  }
  state.isSending = false;
  rest(state);
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
  if (state.queue.length === 0) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  state.waiters.push(resolve);
  if (!state.isSending) sendNext(begun(state));
  return promise;
}

function wake(state: State): void {
  for (const resolve of state.waiters) resolve();
  state.waiters = [];
}
