/** Who is signed in. The key itself is sent once and kept nowhere on the page. */
import { computed, signal } from '@preact/signals';
import type { SessionAnswer } from '../core/admin-session.ts';
import { get, isSignInWanted, send, signIns } from './api.ts';

/** Undefined until the gateway has said. */
export const session = signal<SessionAnswer | undefined>(undefined);

/** Nobody is signed in, so that there is nothing to show yet. */
export const isOutside = computed(
  () => session.value?.mode === 'keys' && session.value.who === null && !isSignInWanted.value,
);

/** A viewer's key reads and changes nothing. */
export const mayChange = computed(() => session.value?.who?.role !== 'viewer');

const AGAIN_MS = 2000;

/** Asks until the gateway has said. */
export async function askWho(): Promise<void> {
  while (session.value === undefined) {
    try {
      session.value = await get<SessionAnswer>('/admin/session');
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** @throws ApiError for a key that is not taken, or after too many of those */
export async function signIn(key: string): Promise<void> {
  session.value = await send<SessionAnswer>('POST', '/admin/session', { key });
  isSignInWanted.value = false;
  signIns.value += 1;
}

/** Ends this session, or another one of the list. */
export async function signOut(id?: string): Promise<void> {
  const which = id === undefined ? '' : `?id=${encodeURIComponent(id)}`;
  session.value = await send<SessionAnswer>('DELETE', `/admin/session${which}`);
}
