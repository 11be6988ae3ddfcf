/**
 * What the gateway tells by itself: new requests and changes of its state, over server-sent events. Where those are cut, or too
 * many pages are open, it is asked instead.
 */
import { computed, effect, signal } from '@preact/signals';
import type { EventData, RequestRow, RequestRows } from '../core/admin-requests.ts';
import { get, isSignInWanted, signIns, silentSinceMs, urlOf } from './api.ts';
import { isOutside } from './session.ts';

/** The policy in force, each upstream's state and the notice of every page. */
export type State = EventData['state'];

type Listener = (rows: readonly RequestRow[]) => void;

/** Undefined until it is known. */
export const state = signal<State | undefined>(undefined);

/** More came than the gateway keeps: lists are read anew when this grows. */
export const gaps = signal(0);

const listeners = new Set<Listener>();
const ASK_EVERY_MS = 2000;
/** After so long of asking, events are tried again. */
const TRY_EVENTS_EVERY_MS = 60_000;
/** A request is dated when it arrives and told of when it is over: so far back it may still be new. */
const OVERLAP_MS = 10_000;

/** `listener` may hear of a request twice. @returns what ends it */
export function onRows(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = (rows: readonly RequestRow[]): void => {
  for (const listener of listeners) listener(rows);
};

/** Changes with every sign-in; undefined while nobody is signed in, when nothing may be asked. */
const turn = computed(() => (isOutside.value ? undefined : signIns.value));

/** Listens from now on, for as long as the page is open. */
export function listen(): void {
  effect(() => {
    source?.close();
    source = undefined;
    if (turn.value !== undefined) open();
  });
}

/** The one that is listened to. */
let source: EventSource | undefined;

function open(): void {
  const opened = new EventSource(urlOf('/admin/events'));
  source = opened;
  opened.addEventListener('open', () => {
    silentSinceMs.value = undefined;
  });
  // The shapes are the gateway's promise: page and gateway are built together.
  opened.addEventListener('rows', ({ data }) => {
    const { rows }: EventData['rows'] = JSON.parse(data);
    tell(rows);
  });
  opened.addEventListener('state', ({ data }) => {
    const now: State = JSON.parse(data);
    state.value = now;
  });
  opened.addEventListener('gap', () => {
    gaps.value += 1;
  });
  opened.addEventListener('error', () => {
    if (opened.readyState === EventSource.CLOSED) void ask(Date.now(), opened);
    else silentSinceMs.value ??= Date.now();
  });
}

/** Asks for the same, again and again, until events are worth another try, or somebody has signed in anew. */
async function ask(sinceMs: number, cut: EventSource): Promise<void> {
  let fromMs = sinceMs;
  const untilMs = sinceMs + TRY_EVENTS_EVERY_MS;
  while (Date.now() < untilMs || silentSinceMs.value !== undefined) {
    // Nobody is signed in any more: the form opens the events again.
    if (source !== cut || isOutside.value || isSignInWanted.value) return;
    fromMs = await askOnce(fromMs);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  if (source === cut) open();
}

async function askOnce(sinceMs: number): Promise<number> {
  try {
    state.value = await get<State>('/admin/about');
    // Only a list of requests asks to be told of them.
    if (listeners.size === 0) return Date.now();
    const from = sinceMs - OVERLAP_MS;
    const { rows } = await get<RequestRows>(`/admin/requests?view=rows&from=${from}`);
    tell(rows.toReversed());
    return Math.max(sinceMs, ...rows.map(({ atMs }) => atMs));
  } catch {
    // `api.ts` has noted that nobody answers: the banner says so.
    return sinceMs;
  }
}
