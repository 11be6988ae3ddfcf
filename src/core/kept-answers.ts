/** Bytes of answers that may be given again, by a digest that begins with the tenant's. Loss is harmless: the model is asked anew. */
import type { Soon } from '../lib/soon.ts';

/** Of one; a longer one is not kept. */
export const MOST_ANSWER_BYTES = 1024 * 1024;

export interface KeptAnswers {
  get(key: string): Soon<Uint8Array | undefined>;
  /** Never waits, and never throws. What is too long is not kept. */
  set(key: string, bytes: Uint8Array, ttlMs: number): void;
  delete(key: string): void;
}
