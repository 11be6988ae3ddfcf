/**
 * Exports finished records as traces to a collector, in the background: the request path only queues its
 * record. When the collector is unavailable the queue fills, and further records are counted and dropped.
 */
import type { Sink, UsageRecord } from '../core/record.ts';
import { otlpJson } from './otlp-json.ts';
import { isSampled, spansOf } from './trace-spans.ts';
import type { TraceSettings } from './trace-settings.ts';

export interface TracesOptions extends TraceSettings {
  readonly version: string;
  /** Takes a line when the collector stops accepting spans and when it resumes. */
  readonly log: (line: string) => void;
  /** Time between exports; 1 s by default. */
  readonly everyMs?: number;
  /** How long a stop waits for the collector; 2 s by default, since other things are still to be written. */
  readonly closeMs?: number;
  /** The maximum number of queued records; 2048 by default. */
  readonly queue?: number;
}

export interface Traces {
  /** Takes well under 1 µs. */
  readonly sink: Sink;
  /** Spans since the start. */
  stats(): { readonly exported: number; readonly dropped: number };
  /** Sends what is queued, once. */
  flush(): Promise<void>;
  /** Flushes for as long as `closeMs`, and stops. Never rejects. */
  close(): Promise<void>;
}

const EVERY_MS = 1000;
const CLOSE_MS = 2000;
const QUEUE = 2048;
/** A batch is serialised without a pause, about 20 µs a record: this bounds how long it blocks other work. */
const BATCH = 100;
/** Consecutive failures double the pause, up to this multiple of `everyMs`. */
const MAX_BACKOFF = 32;
/** The specification's retryable statuses: the collector is busy or restarting. */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

interface State {
  readonly queue: UsageRecord[];
  exported: number;
  dropped: number;
  /** Consecutive failures. */
  failures: number;
  sending: Promise<void> | undefined;
  /** Ends the export under way, and lets none begin. */
  readonly stopped: AbortController;
}

export function startTraces(options: TracesOptions): Traces {
  const { everyMs = EVERY_MS, closeMs = CLOSE_MS, queue: maxQueued = QUEUE } = options;
  const stopped = new AbortController();
  const counts = { exported: 0, dropped: 0, failures: 0 };
  const state: State = { queue: [], ...counts, sending: undefined, stopped };
  /** One export at a time. */
  const flush = (): Promise<void> => {
    state.sending ??= exportQueue(state, options).finally(() => {
      state.sending = undefined;
    });
    return state.sending;
  };
  let timer: NodeJS.Timeout | undefined;
  const schedule = (): void => {
    const pause = Math.min(2 ** state.failures, MAX_BACKOFF) * everyMs;
    timer = setTimeout(() => void flush().finally(schedule), pause).unref();
  };
  schedule();
  return {
    sink: (record) => {
      if (!isSampled(record)) return;
      if (state.queue.length >= maxQueued) state.dropped += spanCount(record);
      else state.queue.push(record);
    },
    stats: () => ({ exported: state.exported, dropped: state.dropped }),
    flush,
    close: async () => {
      clearTimeout(timer);
      const longest = setTimeout(() => stopped.abort(), closeMs);
      await state.sending;
      await flush();
      clearTimeout(longest);
      clearTimeout(timer);
      for (const record of state.queue.splice(0)) state.dropped += spanCount(record);
    },
  };
}

const spanCount = ({ attempts }: UsageRecord): number => 1 + attempts.length;

/** Sends batches until the queue is empty or one is not accepted. Never rejects. */
async function exportQueue(state: State, options: TracesOptions): Promise<void> {
  const { signal } = state.stopped;
  while (state.queue.length > 0 && !signal.aborted) {
    const batch = state.queue.slice(0, BATCH);
    const spans = batch.flatMap(spansOf);
    const body = otlpJson(options.resource, options.version, spans);
    const result = await post(body, options, signal);
    if (result.kind === 'retryable') {
      if (state.failures === 0) options.log(`Traces are queued: ${result.why}`);
      state.failures += 1;
      return;
    }
    state.queue.splice(0, batch.length);
    const lost =
      result.kind === 'accepted' ? Math.min(result.rejected, spans.length) : spans.length;
    state.exported += spans.length - lost;
    state.dropped += lost;
    if (result.kind === 'refused') {
      if (state.failures === 0) options.log(`Traces are dropped: ${result.why}`);
      state.failures += 1;
      return;
    }
    if (state.failures > 0) options.log('Traces are accepted again.');
    state.failures = 0;
  }
}

type ExportResult =
  | { readonly kind: 'accepted'; readonly rejected: number }
  | { readonly kind: 'retryable' | 'refused'; readonly why: string };

async function post(
  body: string,
  { url, headers, timeoutMs }: TracesOptions,
  stopped: AbortSignal,
): Promise<ExportResult> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: { ...headers, 'content-type': 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), stopped]),
    });
    const text = await answer.text();
    if (answer.ok) return { kind: 'accepted', rejected: rejectedIn(text) };
    const why = `${url} answered ${answer.status}. Is it a collector's URL for OTLP over HTTP?`;
    return { kind: RETRYABLE.has(answer.status) ? 'retryable' : 'refused', why };
  } catch (error) {
    return {
      kind: 'retryable',
      why: `${url} cannot be reached (${reason(error)}). Is it running?`,
    };
  }
}

/** `fetch` reports the reason in the `cause` of its error. */
function reason(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError') return 'no answer in time';
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
}

/** The number of spans that a partial success rejected. */
function rejectedIn(text: string): number {
  const found = /"rejectedSpans"\s*:\s*"?(\d+)/.exec(text)?.[1];
  return found === undefined ? 0 : Number(found);
}
