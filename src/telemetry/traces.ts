/**
 * Sends finished records as traces to a collector, in the background: a request only puts its record into
 * a queue. When the collector is away the queue fills, and what comes then is counted and lost.
 */
import type { Sink, UsageRecord } from '../core/record.ts';
import { otlpJson } from './otlp-json.ts';
import { isWanted, spansOf } from './trace-spans.ts';
import type { TraceSettings } from './trace-settings.ts';

export interface TracesOptions extends TraceSettings {
  readonly version: string;
  /** A line for people, when the collector goes away and when it is back. */
  readonly say: (line: string) => void;
  /** Time between batches; 1 s if not said. */
  readonly everyMs?: number;
  /** Records that wait at most; 2048 if not said. */
  readonly queue?: number;
}

export interface Traces {
  /** Well under 1 µs. */
  readonly sink: Sink;
  /** Spans since the start. */
  stats(): { readonly exported: number; readonly dropped: number };
  /** Sends what is queued, once. */
  flush(): Promise<void>;
  /** The same, and ends. Never rejects. */
  close(): Promise<void>;
}

const EVERY_MS = 1000;
const QUEUE = 2048;
/** A batch is written in one go, about 20 µs a record: no longer than other work may wait. */
const BATCH = 100;
/** After failures in a row the pause doubles, up to this many times the ordinary one. */
const LONGEST_PAUSE = 32;
/** Of a collector that is busy or restarting; the specification's list. */
const TRY_AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);

interface State {
  readonly queue: UsageRecord[];
  exported: number;
  dropped: number;
  /** Failures in a row. */
  failures: number;
  sending: Promise<void> | undefined;
}

export function startTraces(options: TracesOptions): Traces {
  const { everyMs = EVERY_MS, queue: most = QUEUE } = options;
  const state: State = { queue: [], exported: 0, dropped: 0, failures: 0, sending: undefined };
  /** One at a time. */
  const flush = (): Promise<void> => {
    state.sending ??= drain(state, options).finally(() => {
      state.sending = undefined;
    });
    return state.sending;
  };
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    const pause = Math.min(2 ** state.failures, LONGEST_PAUSE) * everyMs;
    timer = setTimeout(() => void flush().finally(again), pause).unref();
  };
  again();
  return {
    sink: (record) => {
      if (!isWanted(record)) return;
      if (state.queue.length >= most) state.dropped += spanCount(record);
      else state.queue.push(record);
    },
    stats: () => ({ exported: state.exported, dropped: state.dropped }),
    flush,
    close: async () => {
      await state.sending;
      await flush();
      clearTimeout(timer);
      for (const record of state.queue.splice(0)) state.dropped += spanCount(record);
    },
  };
}

const spanCount = ({ attempts }: UsageRecord): number => 1 + attempts.length;

/** Batch after batch, until none is left or one is not taken. Never rejects. */
async function drain(state: State, options: TracesOptions): Promise<void> {
  while (state.queue.length > 0) {
    const batch = state.queue.slice(0, BATCH);
    const spans = batch.flatMap(spansOf);
    const result = await post(otlpJson(options.resource, options.version, spans), options);
    if (result.kind === 'later') {
      if (state.failures === 0) options.say(`Traces wait: ${result.why}`);
      state.failures += 1;
      return;
    }
    state.queue.splice(0, batch.length);
    const lost = result.kind === 'taken' ? Math.min(result.rejected, spans.length) : spans.length;
    state.exported += spans.length - lost;
    state.dropped += lost;
    if (result.kind === 'refused') {
      if (state.failures === 0) options.say(`Traces are lost: ${result.why}`);
      state.failures += 1;
      return;
    }
    if (state.failures > 0) options.say('Traces are taken again.');
    state.failures = 0;
  }
}

type Posted =
  | { readonly kind: 'taken'; readonly rejected: number }
  | { readonly kind: 'later' | 'refused'; readonly why: string };

async function post(body: string, { url, headers, timeoutMs }: TracesOptions): Promise<Posted> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: { ...headers, 'content-type': 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await answer.text();
    if (answer.ok) return { kind: 'taken', rejected: rejectedIn(text) };
    const why = `${url} answered ${answer.status}. Is that a collector's address for OTLP over HTTP?`;
    return { kind: TRY_AGAIN.has(answer.status) ? 'later' : 'refused', why };
  } catch (error) {
    return { kind: 'later', why: `${url} cannot be reached (${reason(error)}). Is it running?` };
  }
}

/** Fetch says what went wrong in the cause of what it throws. */
function reason(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause ? String(cause.code) : cause.message;
}

/** A collector that took some and not others says how many not. */
function rejectedIn(text: string): number {
  const found = /"rejectedSpans"\s*:\s*"?(\d+)/.exec(text)?.[1];
  return found === undefined ? 0 : Number(found);
}
