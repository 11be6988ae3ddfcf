/** `POST`, `GET` and `DELETE /admin/session`: signing in to the page. */
import { z } from 'zod';
import type { Frozen } from '../lib/frozen.ts';

/** `POST`: an admin's or a viewer's key. */
export const signIn = z.strictObject({ key: z.string().min(1).max(512) });

const session = z.object({
  /** Names it to `DELETE /admin/session?id=…`; it is no secret. */
  id: z.string(),
  /** The key's name. */
  name: z.string(),
  role: z.enum(['admin', 'viewer']),
  createdMs: z.number(),
  seenMs: z.number(),
  expiresMs: z.number(),
  /** Whether this is the session that asks. */
  own: z.boolean(),
  /** Where it was made: the browser's own words, cut. */
  agent: z.string(),
});

/** `GET`, and the answer to `POST` and `DELETE`. */
export const sessionAnswer = z.object({
  /** `open`: nobody signs in, and everybody here is an admin. */
  mode: z.enum(['open', 'keys']),
  /** Null: not signed in. A bearer key counts as signed in. */
  who: z.object({ name: z.string(), role: z.enum(['admin', 'viewer']) }).nullable(),
  /** Someone who may change things sees all, others only their own. */
  sessions: z.array(session),
});

export type SessionAnswer = Frozen<z.output<typeof sessionAnswer>>;
