/** Counts the requests under way, from their admission to the end of their answer, and refuses more than the limit. */
import { GatewayError } from '../core/errors.ts';
import { Bag, type Bagged } from '../lib/bag.ts';

export interface Admission {
  /**
   * Before a byte of the body is read.
   * @throws GatewayError `gateway_draining` at the shutdown, `gateway_overloaded` at the limit, or at half of it for a
   * key beside which others ask
   */
  admit(caller: string): Admitted;
  /** Requests whose answer has not begun. */
  unanswered(): number;
  /** Resolves when no request is under way. */
  empty(): Promise<void>;
  /** Ends every request under way with this error, as far as each said how. */
  endAll(error: GatewayError): void;
}

/** A request's place among those under way. Calls after the first change nothing. */
export interface Admitted {
  /** Its answer has begun, which may go on for minutes. */
  answered(): void;
  /** How it can be ended from outside. */
  endsBy(end: (error: GatewayError) => void): void;
  /** Gives the place back. */
  leave(): void;
}

interface AdmissionOptions {
  /** Requests under way at most. */
  readonly maxInFlight: number;
  readonly isDraining: () => boolean;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

export function createAdmission({ maxInFlight, isDraining, nowMs }: AdmissionOptions): Admission {
  const underWay = new Bag<Place>();
  const shares = keyShares(Math.ceil(maxInFlight / 2));
  let unanswered = 0;
  let waiting: (() => void)[] = [];
  const left = (place: Place): void => {
    if (place.isUnanswered) unanswered -= 1;
    place.isUnanswered = false;
    if (!underWay.delete(place)) return;
    shares.left(place.caller);
    if (underWay.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  return {
    admit: (caller) => {
      if (isDraining()) throw draining();
      const isGreedy = shares.asks(caller, nowMs());
      if (underWay.size >= maxInFlight) throw overloaded(maxInFlight);
      if (isGreedy) throw greedy(caller, maxInFlight);
      const place: Place = { caller, isUnanswered: true, end: undefined, bagAt: -1 };
      underWay.add(place);
      shares.entered(caller);
      unanswered += 1;
      return {
        answered: () => {
          if (place.isUnanswered) unanswered -= 1;
          place.isUnanswered = false;
        },
        endsBy: (end) => {
          place.end = end;
        },
        leave: () => left(place),
      };
    },
    unanswered: () => unanswered,
    empty: () =>
      underWay.size === 0
        ? Promise.resolve()
        : new Promise((resolve) => void waiting.push(resolve)),
    endAll: (error) => {
      for (const { end } of underWay.items()) end?.(error);
    },
  };
}

interface Place extends Bagged {
  readonly caller: string;
  isUnanswered: boolean;
  end: ((error: GatewayError) => void) | undefined;
}

/** A key is alone again when no other has asked for so long. */
const OTHERS_MS = 10_000;

/** How many places each key has, and whether others ask beside it. */
function keyShares(most: number) {
  const places = new Map<string, number>();
  // Of the two keys that asked last, one is another's.
  let last = { caller: '', atMs: -Infinity };
  let other = last;
  return {
    /** Whether this key has its share, while others ask. */
    asks: (caller: string, now: number): boolean => {
      if (last.caller !== caller) other = last;
      last = { caller, atMs: now };
      return (places.get(caller) ?? 0) >= most && now - other.atMs < OTHERS_MS;
    },
    entered: (caller: string): void => void places.set(caller, (places.get(caller) ?? 0) + 1),
    left: (caller: string): void => {
      const count = (places.get(caller) ?? 1) - 1;
      if (count > 0) places.set(caller, count);
      else places.delete(caller);
    },
  };
}

export const draining = (): GatewayError =>
  new GatewayError('gateway_draining', 'The gateway is shutting down. Ask again in a few seconds.');

const overloaded = (maxInFlight: number): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `${maxInFlight} requests are under way, which is the limit. Ask again in a second, or raise limits.maxInFlight.`,
  );

const greedy = (caller: string, maxInFlight: number): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `Key '${caller}' has half of the ${maxInFlight} places for requests under way, and others ask too. Ask again in a second, or raise limits.maxInFlight.`,
  );
