/** What the gateway has new, asked for every two seconds: requests, its state, and whether it answers at all. */
import { signal } from '@preact/signals';
import type { RequestRow, RequestRows } from '../core/admin-requests.ts';
import { get, isSignInWanted } from './api.ts';

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

const listeners = new Set<Listener>();
const ASK_EVERY_MS = 2000;
/** A request is dated when it arrives and told of when it is over: so far back it may still be new. */
const OVERLAP_MS = 10_000;

/** `listener` may hear of a request twice. @returns what ends it */
export function onRows(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Asks from now on, for as long as the page is open and looked at. */
export async function listen(): Promise<void> {
  let sinceMs = Date.now();
  for (;;) {
    if (!document.hidden && !isSignInWanted.value) sinceMs = await askOnce(sinceMs);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

async function askOnce(sinceMs: number): Promise<number> {
  try {
    state.value = await get<State>('/admin/about');
    // Only a list of requests asks to be told of them.
    if (listeners.size === 0) return Date.now();
    const from = sinceMs - OVERLAP_MS;
    const { rows } = await get<RequestRows>(`/admin/requests?view=rows&from=${from}`);
    for (const listener of listeners) listener(rows.toReversed());
    return Math.max(sinceMs, ...rows.map(({ atMs }) => atMs));
  } catch {
    // `api.ts` has noted that nobody answers: the banner says so.
    return sinceMs;
  }
}
