/**
 * Follows a response that the cloud goes on with behind its answer (`background: true`). What it used is known at its end only, and its
 * caller may never ask: until then its reservation stands, and then it is charged by its usage, once.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import { isObject, textIn, type JsonObject } from '../lib/json.ts';
import { readJson } from '../lib/json-chunks.ts';
import { send, type Upstreams } from './egress.ts';

/** Takes the response at its end; undefined where that was not learned. */
type Over = (end: JsonObject | undefined) => void;

/** Follows this response, and calls `over` once, later. False where it is at its end, or too many are followed. */
export type Rest = (response: JsonObject, over: Over) => boolean;

interface Followed {
  readonly call: Call;
  readonly target: Target;
  readonly decision: Extract<Decision, { kind: 'route' }>;
}

export interface Backgrounds {
  /** Undefined where the upstream does not go on with a call behind its answer. */
  restOf(call: Call, target: Target, decision: Followed['decision']): Rest | undefined;
  /** Asks for each that is followed once more, and resolves when they have ended. */
  close(): Promise<void>;
}

export interface BackgroundTools {
  readonly upstreams: Upstreams;
  /** Resolves after so many milliseconds, or rejects where the signal is aborted. */
  readonly pause?: (ms: number, abort: AbortSignal) => Promise<void>;
}

/** Each keeps its request in memory. One more is charged as reserved. */
const MOST_FOLLOWED = 200;
/** Milliseconds before the first question; before each further one it is twice as long, up to the longest. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** What a stop waits for the last question, in milliseconds. */
const LAST_MS = 1000;
/** Research that takes half an hour is common. */
const LONGEST_MS = 2 * 60 * 60_000;

const mayGoOn = ({ operation, body }: Call): boolean =>
  operation === 'responses' && body['background'] === true;

export function createBackgrounds({ upstreams, pause = waited }: BackgroundTools): Backgrounds {
  const life = new AbortController();
  const running = new Set<Promise<void>>();
  const asking = { upstreams, pause, abort: life.signal };
  const rest = (response: JsonObject, over: Over, followed: Followed): boolean => {
    const id = textIn(response['id']);
    if (id === '' || !goesOn(response)) return false;
    if (running.size >= MOST_FOLLOWED || life.signal.aborted) return false;
    const ending = follow(id, followed, asking)
      .catch(() => undefined)
      .then(over)
      .finally(() => running.delete(ending));
    running.add(ending);
    return true;
  };
  return {
    restOf: (call, target, decision) =>
      mayGoOn(call)
        ? (response, over) => rest(response, over, { call, target, decision })
        : undefined,
    close: async () => {
      life.abort();
      await Promise.all(running);
    },
  };
}

const waited = (ms: number, signal: AbortSignal): Promise<void> =>
  wait(ms, undefined, { signal, ref: false });

/** Of an event of `/v1/responses`. */
export function responseIn(event: JsonObject | undefined): JsonObject | undefined {
  const response = event?.['response'];
  return isObject(response) ? response : undefined;
}

const goesOn = ({ status }: JsonObject): boolean => status === 'queued' || status === 'in_progress';

type Asking = Required<BackgroundTools> & { readonly abort: AbortSignal };

async function follow(
  id: string,
  followed: Followed,
  asking: Asking,
): Promise<JsonObject | undefined> {
  const { pause, abort } = asking;
  let pauseMs = FIRST_PAUSE_MS;
  for (let waitedMs = 0; waitedMs < LONGEST_MS; waitedMs += pauseMs) {
    const isLast = await pause(pauseMs, abort).then(
      () => false,
      () => true,
    );
    // It may have ended since it was last asked for.
    const soon = isLast ? { ...asking, abort: AbortSignal.timeout(LAST_MS) } : asking;
    const seen = await stateOf(id, followed, soon).catch(() => undefined);
    if (seen === 'gone') return undefined;
    if (seen !== undefined && !goesOn(seen)) return seen;
    if (isLast) return undefined;
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
  return undefined;
}

/** Undefined where it could not be asked now: another time it may. */
async function stateOf(
  id: string,
  { call, target, decision }: Followed,
  { upstreams, abort }: Asking,
): Promise<JsonObject | 'gone' | undefined> {
  const request = { call: retrieval(call, id), model: target.model };
  const answer = await send(request, target, decision, { upstreams, abort });
  if (answer.kind !== 'raw') return 'gone';
  const { body } = await readJson(answer.chunks);
  if (answer.status < 300) return body;
  return GONE.has(answer.status) ? 'gone' : undefined;
}

/** Deleted by its caller, or kept by no server. */
const GONE: ReadonlySet<number> = new Set([400, 403, 404, 405, 410, 501]);

function retrieval(call: Call, id: string): Call {
  const { large: _, traceparent: __, ...rest } = call;
  return {
    ...rest,
    operation: 'passthrough',
    method: 'GET',
    path: `/responses/${encodeURIComponent(id)}`,
    stream: false,
    wantsUsage: false,
    body: {},
    payload: Buffer.alloc(0),
    contentType: '',
  };
}
