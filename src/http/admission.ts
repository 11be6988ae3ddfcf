/** Counts the requests under way, from their admission to the end of their answer, and refuses more than the limit. */
import { GatewayError } from '../core/errors.ts';

export interface Admission {
  /** @throws GatewayError `gateway_draining` at the shutdown, `gateway_overloaded` at the limit */
  admit(): Admitted;
  /** Requests whose answer has not begun. */
  unanswered(): number;
  /** Resolves when no request is under way. */
  empty(): Promise<void>;
}

/** A request's place among those under way. Calls after the first change nothing. */
export interface Admitted {
  /** Its answer has begun, which may go on for minutes. */
  answered(): void;
  /** Gives the place back. */
  leave(): void;
}

/** @param maxInFlight requests under way at most */
export function createAdmission(maxInFlight: number, isDraining: () => boolean): Admission {
  let underWay = 0;
  let unanswered = 0;
  let waiting: (() => void)[] = [];
  return {
    admit: () => {
      if (isDraining()) throw draining();
      if (underWay >= maxInFlight) throw overloaded(maxInFlight);
      underWay += 1;
      unanswered += 1;
      let isUnanswered = true;
      let isHere = true;
      const answered = (): void => {
        if (isUnanswered) unanswered -= 1;
        isUnanswered = false;
      };
      const leave = (): void => {
        answered();
        if (isHere) underWay -= 1;
        isHere = false;
        if (underWay > 0) return;
        for (const resolve of waiting) resolve();
        waiting = [];
      };
      return { answered, leave };
    },
    unanswered: () => unanswered,
    empty: () =>
      underWay === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve)),
  };
}

const draining = (): GatewayError =>
  new GatewayError('gateway_draining', 'The gateway is shutting down. Ask again in a few seconds.');

const overloaded = (maxInFlight: number): GatewayError =>
  new GatewayError(
    'gateway_overloaded',
    `${maxInFlight} requests are under way, which is the limit. Ask again in a second, or raise limits.maxInFlight.`,
  );
