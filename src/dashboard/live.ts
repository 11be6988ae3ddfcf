/**
 * What the gateway tells by itself: new requests and changes of its state, over server-sent events.
 * Where those are cut, or too many pages are open, it is asked instead.
 */
import { signal } from '@preact/signals';
import type { RequestRow, RequestRows } from '../core/admin-requests.ts';
import { get, isSignInWanted, signIns, silentSinceMs, urlOf } from './api.ts';

/** What every view stands on. */
export interface State {
  readonly version: string;
  readonly policy: { readonly name: string; readonly version: string; readonly mode: string };
  /** Shown on every page, such as that this is a demonstration. */
  readonly notice: string | null;
  readonly ready: boolean;
  readonly detail: string;
}
type Listener = (rows: readonly RequestRow[]) => void;

/** The policy in force, each upstream's state and the notice of every page; undefined until it is known. */
export const state = signal<State | undefined>(undefined);

/** More came than the gateway keeps: lists are read anew when this grows. */
export const gaps = signal(0);

const listeners = new Set<Listener>();
const ASK_EVERY_MS = 3000;
/** After so long of asking, events are tried again. */
const TRY_EVENTS_EVERY_MS = 60_000;

/** @returns what ends it */
export function onRows(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const tell = (rows: readonly RequestRow[]): void => {
  for (const listener of listeners) listener(rows);
};

/** Listens from now on, for as long as the page is open. */
export function listen(): void {
  let source = open();
  signIns.subscribe((times) => {
    if (times === 0) return;
    source.close();
    source = open();
  });
}

function open(): EventSource {
  const source = new EventSource(urlOf('/admin/events'));
  source.addEventListener('open', () => {
    silentSinceMs.value = undefined;
  });
  // The shapes are the gateway's promise: page and gateway are built together.
  source.addEventListener('rows', ({ data }) => {
    const { rows }: Pick<RequestRows, 'rows'> = JSON.parse(data);
    tell(rows);
  });
  source.addEventListener('state', ({ data }) => {
    const now: State = JSON.parse(data);
    state.value = now;
  });
  source.addEventListener('gap', () => {
    gaps.value += 1;
  });
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) void ask(Date.now());
    else silentSinceMs.value ??= Date.now();
  });
  return source;
}

/** Asks for the same, again and again, until events are worth another try. */
async function ask(sinceMs: number): Promise<void> {
  let fromMs = sinceMs;
  const untilMs = sinceMs + TRY_EVENTS_EVERY_MS;
  while (Date.now() < untilMs || silentSinceMs.value !== undefined) {
    // Nobody is signed in: the form opens the events again.
    if (isSignInWanted.value) return;
    fromMs = await askOnce(fromMs);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  open();
}

async function askOnce(fromMs: number): Promise<number> {
  try {
    state.value = await get<State>('/admin/about');
    const { rows } = await get<RequestRows>(`/admin/requests?view=rows&from=${fromMs}`);
    tell(rows.toReversed());
    return Math.max(fromMs, ...rows.map(({ atMs }) => atMs + 1));
  } catch {
    return fromMs;
  }
}
