/**
 * How much of a processor the deep judge may take: all of it while it keeps up. The more questions find no place beside
 * one that is answered, the less that answer changes, and the more its time is missed by requests: then it rests between.
 */

export interface Pace {
  /** Whether a question behind so many others is to be taken: it may be answered within its deadline, and there is no rest due. */
  takes(before: number, deadlineMs: number): boolean;
  /** A question found no place. */
  turnedAway(): void;
  /** The worker got a question. */
  began(): void;
  answered(): void;
  /** Nothing is left to do: gives for how long nothing is to be taken, in milliseconds. */
  stopped(): number;
}

/** Where more questions than this are turned away for each one taken, no more are taken until the worker has rested. */
const MOST_TURNED_AWAY = 2;
/** Of the time that was worked: it works a tenth of the time at least. */
const MOST_REST = 9;
/** What the last answer's time counts for in the mean. */
const NEWEST = 0.2;
/** So many answers are remembered at most; half of them are forgotten then. */
const REMEMBERED = 32;

export function pace(nowMs: () => number): Pace {
  let [answered, refused] = [0, 0];
  let beganMs = 0;
  let meanMs = 0;
  return {
    takes: (before, deadlineMs) => {
      // one that finds nobody is always taken: without it the mean would never change
      if (before === 0) return true;
      const isOverrun = refused > MOST_TURNED_AWAY * (answered + before);
      return !isOverrun && (before + 1) * meanMs <= deadlineMs;
    },
    turnedAway: () => {
      refused += 1;
    },
    began: () => {
      beganMs = nowMs();
    },
    answered: () => {
      const tookMs = nowMs() - beganMs;
      meanMs = meanMs === 0 ? tookMs : meanMs + NEWEST * (tookMs - meanMs);
      answered += 1;
      if (answered < REMEMBERED) return;
      answered /= 2;
      refused /= 2;
    },
    stopped: () => {
      const overrun = answered === 0 ? 0 : refused / answered / MOST_TURNED_AWAY - 1;
      const workedMs = answered * meanMs;
      [answered, refused] = [0, 0];
      return workedMs * Math.max(0, Math.min(MOST_REST, overrun));
    },
  };
}
