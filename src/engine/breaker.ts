/** A circuit breaker: closed while it works, open while it cools down, half-open while one attempt tries. */

export type Phase = 'closed' | 'open' | 'half-open';

const FIRST_COOL_DOWN_MS = 5000;
const LONGEST_COOL_DOWN_MS = 60_000;
/** A rate limit passes by itself: waiting a minute for it would cost more than asking. */
const LONGEST_RATE_LIMIT_MS = 10_000;

/** One failed attempt, as far as a breaker looks at it. */
export interface Failure {
  readonly caller: string;
  /** The same for a request that is sent again. */
  readonly request: string;
  readonly isRateLimit: boolean;
}

export interface Breaker {
  phase(now: number): Phase;
  /** Open, or half-open with its one attempt under way. */
  isBlocking(now: number): boolean;
  /** An attempt begins; the first one while half-open is the trial. */
  started(now: number): void;
  /** An attempt failed. `isEnough` is asked about the failures in a row, this one included. */
  failed(failure: Failure, now: number): void;
  /** An attempt succeeded. */
  close(): void;
  /** A trial ended without saying anything. */
  untold(): void;
  /** Ends a cool-down early, with a trial. */
  retry(now: number): void;
}

/** Failures in a row: how many, of how many different requests and callers. */
interface Row {
  readonly failures: number;
  readonly requests: number;
  readonly callers: number;
}

/** @param isEnough whether these failures in a row open it */
export function createBreaker(isEnough: (row: Row) => boolean): Breaker {
  const requests = new Set<string>();
  const callers = new Set<string>();
  let failures = 0;
  let coolDowns = 0;
  let openUntilMs: number | undefined;
  let isOnTrial = false;
  const phase = (now: number): Phase => {
    if (openUntilMs === undefined) return 'closed';
    return now < openUntilMs ? 'open' : 'half-open';
  };
  const count = ({ caller, request }: Failure): Row => {
    failures += 1;
    // Beyond these many nothing new can be learned, and memory is bounded.
    if (requests.size < KEPT) requests.add(`${caller}\n${request}`);
    if (callers.size < KEPT) callers.add(caller);
    return { failures, requests: requests.size, callers: callers.size };
  };
  return {
    phase,
    isBlocking: (now) => phase(now) === 'open' || (phase(now) === 'half-open' && isOnTrial),
    started: (now) => {
      if (phase(now) === 'half-open') isOnTrial = true;
    },
    failed: (failure, now) => {
      const row = count(failure);
      const before = phase(now);
      // Attempts that began before the cool-down say nothing new when they fail within it.
      if (before === 'open' || (before === 'closed' && !isEnough(row))) return;
      const longest = failure.isRateLimit ? LONGEST_RATE_LIMIT_MS : LONGEST_COOL_DOWN_MS;
      openUntilMs = now + Math.min(longest, FIRST_COOL_DOWN_MS * 2 ** coolDowns);
      coolDowns += 1;
      isOnTrial = false;
    },
    close: () => {
      if (failures === 0) return;
      requests.clear();
      callers.clear();
      failures = 0;
      coolDowns = 0;
      openUntilMs = undefined;
      isOnTrial = false;
    },
    untold: () => {
      isOnTrial = false;
    },
    retry: (now) => {
      if (openUntilMs !== undefined) openUntilMs = Math.min(openUntilMs, now);
    },
  };
}

/** More than any breaker here asks for. */
const KEPT = 16;
