/**
 * Keeps retries from making an outage worse. A request whose target failed asks the next one; where that one fails too, each request
 * would be asked twice just when servers can bear least. So retries towards an upstream that fails are at most a fifth of what is under
 * way (Envoy's retry budget: 20 %, three at least). One that works takes over all that another one fails.
 */
const SHARE = 0.2;
const LEAST = 3;
/** Of its latest attempts, from which on an upstream fails. */
const FAILING_SHARE = 0.2;
/** Attempts and failures count for so long, and half for as long again. */
const SPAN_MS = 10_000;

interface Recent {
  sinceMs: number;
  attempts: number;
  failures: number;
}

interface EndedAttempt {
  readonly isRetry: boolean;
  /** As another target might not have. */
  readonly hasFailed: boolean;
}

export class RetryBudget {
  readonly #nowMs: () => number;
  readonly #recent = new Map<string, Recent>();
  #underWay = 0;
  #retries = 0;

  /** @param nowMs monotonic milliseconds */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** An attempt begins; `left` ends it. False, and nothing begins, for a retry beyond the budget. */
  enter(upstream: string, isRetry: boolean): boolean {
    if (isRetry) {
      const most = Math.max(LEAST, SHARE * this.#underWay);
      if (this.#retries >= most && this.#isFailing(upstream)) return false;
      this.#retries += 1;
    }
    this.#underWay += 1;
    return true;
  }

  /** Its answer has begun, or it has failed. */
  left(upstream: string, { isRetry, hasFailed }: EndedAttempt): void {
    this.#underWay -= 1;
    if (isRetry) this.#retries -= 1;
    const recent = this.#recentOf(upstream);
    recent.attempts += 1;
    if (hasFailed) recent.failures += 1;
  }

  #isFailing(upstream: string): boolean {
    const { attempts, failures } = this.#recentOf(upstream);
    return failures > FAILING_SHARE * attempts;
  }

  #recentOf(upstream: string): Recent {
    const now = this.#nowMs();
    const known = this.#recent.get(upstream);
    if (known === undefined) {
      const recent = { sinceMs: now, attempts: 0, failures: 0 };
      this.#recent.set(upstream, recent);
      return recent;
    }
    const spans = Math.floor((now - known.sinceMs) / SPAN_MS);
    if (spans > 0) {
      known.sinceMs += spans * SPAN_MS;
      known.attempts /= 2 ** spans;
      known.failures /= 2 ** spans;
    }
    return known;
  }
}
