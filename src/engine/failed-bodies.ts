/**
 * Requests that made a model fail, by digest. A request that failed twice is not sent to that model again for a while if something else
 * can answer, and not at all if the model answers other requests meanwhile.
 */
import { createHash } from 'node:crypto';

const FAILURES = 2;
const REFUSED_MS = 60_000;
const MOST_BODIES = 256;

/** How many bytes of each end of a body are digested: enough to tell two requests apart. */
const DIGESTED_BYTES = 64 * 1024;

export function digestOf(payload: Uint8Array): string {
  const hash = createHash('sha256').update(`${payload.length}\n`);
  hash.update(payload.subarray(0, DIGESTED_BYTES)).update(payload.subarray(-DIGESTED_BYTES));
  return hash.digest('base64');
}

interface FailedBody {
  readonly times: number;
  readonly sinceMs: number;
  readonly untilMs: number;
}

interface Refused {
  /** Milliseconds; 0: not refused. */
  readonly forMs: number;
  /** The model answered others since this one first failed. */
  readonly isAlone: boolean;
}

const NOT_REFUSED: Refused = { forMs: 0, isAlone: false };

/** Times are monotonic milliseconds. */
export class FailedBodies {
  /** The oldest first. */
  readonly #bodies = new Map<string, FailedBody>();
  #lastSuccessMs = -Infinity;

  failed(digest: string, now: number): void {
    const before = this.#bodies.get(digest);
    const isAgain = before !== undefined && before.untilMs > now;
    const times = isAgain ? before.times + 1 : 1;
    this.#bodies.delete(digest);
    this.#bodies.set(digest, {
      times,
      sinceMs: isAgain ? before.sinceMs : now,
      untilMs: now + REFUSED_MS,
    });
    const [oldest] = this.#bodies.keys();
    if (this.#bodies.size > MOST_BODIES && oldest !== undefined) this.#bodies.delete(oldest);
  }

  succeeded(digest: () => string, now: number): void {
    this.#lastSuccessMs = now;
    if (this.#bodies.size > 0) this.#bodies.delete(digest());
  }

  /** `digest` is asked for only if any body failed. */
  of(digest: () => string, now: number): Refused {
    if (this.#bodies.size === 0) return NOT_REFUSED;
    const known = this.#bodies.get(digest());
    if (known === undefined || known.times < FAILURES || known.untilMs <= now) return NOT_REFUSED;
    return { forMs: known.untilMs - now, isAlone: this.#lastSuccessMs >= known.sinceMs };
  }

  isQuiet(now: number): boolean {
    for (const [digest, { untilMs }] of this.#bodies) {
      if (untilMs > now) return false;
      this.#bodies.delete(digest);
    }
    return true;
  }
}
