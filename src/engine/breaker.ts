/**
 * A circuit breaker: closed while attempts succeed, open while the target is left alone, half-open while one attempt tries it. An open
 * target is asked last; if nothing else can answer it gets one attempt in `ASK_EVERY_MS`.
 */

import type { Soon } from '../lib/soon.ts';

export type Phase = 'closed' | 'open' | 'half-open';

const FIRST_COOL_DOWN_MS = 5000;
const LONGEST_COOL_DOWN_MS = 60_000;
/** A rate limit passes by itself: waiting a minute for it would cost more than asking. */
const LONGEST_RATE_LIMIT_MS = 10_000;
/** A breaker that opens again soon after closing stays open for this long times the repetitions (as Envoy's outlier detection does). */
const FLAPPING_MS = 30_000;
const LONGEST_FLAPPING_MS = 300_000;
/** A server's `Retry-After` is obeyed up to this. */
const LONGEST_RETRY_AFTER_MS = 600_000;
/** The interval between attempts while open, if nothing else can answer. */
const ASK_EVERY_MS = 5000;
/** How long a failure, and having been open, are remembered. */
const MEMORY_MS = 120_000;

/** Failures in a row open it only if they are most of what came back lately: some failures among successes are no outage. */
const FAILING_SHARE = 0.75;
/** How many of the latest outcomes are looked at. */
export const LOOKED_AT = 32;
const RECENT_MS = 10_000;

/** What a breaker needs to know of a failed attempt. */
export interface Failure {
  readonly caller: string;
  /** The same for a request that is sent again. */
  readonly request: string;
  readonly isRateLimit: boolean;
  /** It did not answer in time, which may only mean that it is slow. */
  readonly isSlow: boolean;
  /** The server's own word on when to ask again, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
}

interface Outcome {
  readonly atMs: number;
  readonly isOk: boolean;
}

/** Permission to try an open breaker: of several processes that share it, one has it. */
export interface Leave {
  isHere(): boolean;
  /** False: it did not come, or not in time. */
  bring(): Soon<boolean>;
}

/** For a breaker that only one process uses. */
export const ALWAYS: Leave = { isHere: () => true, bring: () => true };

/** What a process that begins to serve is told of a breaker that is not closed. */
export interface KeptBreaker {
  readonly openForMs: number;
  readonly shutForMs: number;
  readonly trials: number;
  readonly repetitions: number;
  readonly isSlowOnly: boolean;
  readonly isObeying: boolean;
}

/** When a process without permission should come again: another process may be trying. */
const ELSEWHERE_MS = 1000;
/** The process number where there is only one process. */
const ONLY = 0;

/** Failures in a row: how many, of how many different requests and callers; and the last of them. */
export interface Row {
  readonly failures: number;
  readonly requests: number;
  readonly callers: number;
  readonly last: Failure;
}

/** @param isEnough whether these failures in a row open it. Times are monotonic milliseconds. */
export class Breaker {
  readonly #isEnough: (row: Row) => boolean;
  readonly #leave: Leave;
  readonly #requests = new Set<string>();
  readonly #callers = new Set<string>();
  readonly #recent: Outcome[] = [];
  #failures = 0;
  #isSlowOnly = true;
  /** Trials that failed since it opened. */
  #trials = 0;
  /** How often it opened soon after it had been closed. */
  #repetitions = 0;
  #openUntilMs: number | undefined;
  /** Until then it is not asked, even if nothing else can answer. */
  #shutUntilMs = 0;
  #closedAtMs = -Infinity;
  #lastFailureMs = -Infinity;
  #isObeying = false;
  #isOnTrial = false;
  /** The process whose trial it is. */
  #triedBy = ONLY;

  constructor(isEnough: (row: Row) => boolean, leave = ALWAYS) {
    this.#isEnough = isEnough;
    this.#leave = leave;
  }

  phase(now: number): Phase {
    if (this.#openUntilMs === undefined) return 'closed';
    return now < this.#openUntilMs ? 'open' : 'half-open';
  }

  isClosed(): boolean {
    return this.#openUntilMs === undefined;
  }

  /** Open, or half-open with its one attempt under way, or for another process to make. */
  isBlocking(now: number): boolean {
    if (this.#openUntilMs === undefined) return false;
    return now < this.#openUntilMs || this.#isOnTrial || !this.#leave.isHere();
  }

  /** Requests permission to try it, if there is something to try now. */
  ready(now: number): Soon<boolean> {
    if (this.#openUntilMs === undefined) return false;
    const isForTrial = now >= this.#openUntilMs && !this.#isOnTrial;
    const isForLast = !this.#isSlowOnly && now >= this.#shutUntilMs;
    return (isForTrial || isForLast) && this.#leave.bring();
  }

  /**
   * Milliseconds until it may be asked where nothing else can answer; 0: now. What is only slow is always asked then.
   */
  shutMs(now: number): number {
    if (this.#openUntilMs === undefined || this.#isSlowOnly) return 0;
    const shutMs = Math.max(0, this.#shutUntilMs - now);
    return shutMs > 0 || this.#leave.isHere() ? shutMs : ELSEWHERE_MS;
  }

  /** Nothing to remember. */
  isQuiet(now: number): boolean {
    const lastMs = Math.max(this.#lastFailureMs, this.#closedAtMs);
    return this.#openUntilMs === undefined && now - lastMs > MEMORY_MS;
  }

  /** An attempt begins; one that begins while it is half-open is a trial. @param by the process that makes it */
  started(now: number, by = ONLY): void {
    if (this.#openUntilMs === undefined) return;
    this.#shutUntilMs = Math.max(this.#shutUntilMs, now + ASK_EVERY_MS);
    if (now < this.#openUntilMs) return;
    this.#isOnTrial = true;
    this.#triedBy = by;
  }

  failed(failure: Failure, now: number): void {
    this.#lastFailureMs = now;
    const share = this.#failingShareWith({ atMs: now, isOk: false });
    const row = this.#count(failure);
    const before = this.phase(now);
    if (before === 'closed') {
      if (share < FAILING_SHARE || !this.#isEnough(row)) return;
      const isAgain = now - this.#closedAtMs <= MEMORY_MS;
      this.#repetitions = isAgain ? this.#repetitions + 1 : 0;
      this.#trials = 0;
    } else if (before === 'open' && failure.retryAfterMs === undefined) {
      // Attempts that began before the cool-down say nothing new when they fail within it.
      return;
    }
    this.#open(failure, now);
  }

  /** An attempt succeeded. */
  succeeded(now: number): void {
    this.#failingShareWith({ atMs: now, isOk: true });
    if (this.#openUntilMs !== undefined) this.#closedAtMs = now;
    if (this.#failures > 0) {
      // To clear an empty set allocates another table.
      this.#requests.clear();
      this.#callers.clear();
    }
    this.#failures = 0;
    this.#isSlowOnly = true;
    this.#openUntilMs = undefined;
    this.#isOnTrial = false;
  }

  /** A trial ended without a result. */
  untold(): void {
    this.#isOnTrial = false;
  }

  /** A process is gone, and its trial with it. */
  departed(by: number): void {
    if (this.#triedBy === by) this.#isOnTrial = false;
  }

  /** Undefined where it is closed. */
  kept(now: number): KeptBreaker | undefined {
    if (this.#openUntilMs === undefined) return undefined;
    return {
      openForMs: this.#openUntilMs - now,
      shutForMs: this.#shutUntilMs - now,
      trials: this.#trials,
      repetitions: this.#repetitions,
      isSlowOnly: this.#isSlowOnly,
      isObeying: this.#isObeying,
    };
  }

  /** Takes over an open state from another process; what this process knows itself stays. */
  adopt(kept: KeptBreaker, now: number): void {
    if (this.#openUntilMs !== undefined) return;
    this.#openUntilMs = now + kept.openForMs;
    this.#shutUntilMs = now + kept.shutForMs;
    this.#trials = kept.trials;
    this.#repetitions = kept.repetitions;
    this.#isSlowOnly = kept.isSlowOnly;
    this.#isObeying = kept.isObeying;
    this.#lastFailureMs = now;
  }

  /** Ends a cool-down early, with a trial; not one that the server asked for, nor one for flapping. */
  retry(now: number): void {
    if (this.#openUntilMs === undefined || this.#isObeying || this.#repetitions > 0) return;
    this.#openUntilMs = Math.min(this.#openUntilMs, now);
    this.#shutUntilMs = Math.min(this.#shutUntilMs, now);
  }

  #open({ isRateLimit, retryAfterMs }: Failure, now: number): void {
    const askedMs =
      retryAfterMs === undefined ? undefined : Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs);
    const heldMs = askedMs ?? this.#coolDownMs(isRateLimit);
    this.#isObeying = askedMs !== undefined;
    this.#openUntilMs = now + heldMs;
    this.#shutUntilMs = now + (askedMs ?? ASK_EVERY_MS);
    this.#trials += 1;
    this.#isOnTrial = false;
  }

  #coolDownMs(isRateLimit: boolean): number {
    if (this.#repetitions > 0)
      return Math.min(LONGEST_FLAPPING_MS, FLAPPING_MS * this.#repetitions);
    const longest = isRateLimit ? LONGEST_RATE_LIMIT_MS : LONGEST_COOL_DOWN_MS;
    return Math.min(longest, FIRST_COOL_DOWN_MS * 2 ** this.#trials);
  }

  #count(failure: Failure): Row {
    const { caller, request, isSlow } = failure;
    this.#failures += 1;
    this.#isSlowOnly &&= isSlow;
    // More would change nothing, and memory stays bounded.
    if (this.#requests.size < KEPT) this.#requests.add(`${caller}\n${request}`);
    if (this.#callers.size < KEPT) this.#callers.add(caller);
    const { size: requests } = this.#requests;
    return { failures: this.#failures, requests, callers: this.#callers.size, last: failure };
  }

  /** Counts one more outcome: the share of failures among what came back lately, this one included. */
  #failingShareWith(outcome: Outcome): number {
    const recent = this.#recent;
    recent.push(outcome);
    while (recent.length > LOOKED_AT || outcome.atMs - recent[0]!.atMs > RECENT_MS) recent.shift();
    let failures = 0;
    for (const { isOk } of recent) if (!isOk) failures += 1;
    return failures / recent.length;
  }
}

/** How many are told apart: more than any rule here requires. */
const KEPT = 16;
