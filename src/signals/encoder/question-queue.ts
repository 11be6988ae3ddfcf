/** Questions for the deep judge's thread, one under way at a time: which of them it takes, and when it rests. */
import type { DeepAnswer, DeepQuestion } from '../complexity/calibrated.ts';
import { pace } from './pace.ts';

/**
 * How a question ended: `remembered` = it was asked before, `late` = not within the deadline, `busy` = it was not taken,
 * `failed` = the weights or the thread cannot be used.
 */
export type DeepResult = 'answered' | 'remembered' | 'late' | 'busy' | 'failed';

export interface Asked {
  readonly question: DeepQuestion;
  /** Also called when nobody waits any more: the next one need not. */
  remember(answer: DeepAnswer): void;
  /** Only the first call counts. */
  settle(result: DeepResult, answer?: DeepAnswer): void;
}

/** The part of a worker that gets questions. */
interface Answering {
  postMessage(question: DeepQuestion): void;
  ref(): void;
  unref(): void;
}

export interface QuestionQueue {
  /** Whether one more question is taken, and may be answered within so many milliseconds. A no is counted. */
  takes(deadlineMs: number): boolean;
  /** Takes it in any case. */
  join(asked: Asked): void;
  /** Nobody waits for the answer any more. */
  leave(asked: Asked): void;
  begin(): void;
  answered(answer: DeepAnswer): void;
  /** Every question fails, now and from now on. False where that was so already. */
  end(): boolean;
  /** Behind an end: a new worker begins. */
  reopen(): void;
}

/** Questions that wait, beside the one under way; at some 10 ms each a later one would be late. */
export const QUEUE = 4;

/** Hands one question after another to the worker. */
export function questionQueue(workerOf: () => Answering, nowMs: () => number): QuestionQueue {
  const waiting = new Set<Asked>();
  let underWay: Asked | undefined;
  let state: 'starting' | 'ready' | 'ended' = 'starting';
  const [paced, rest] = [pace(nowMs), restTimer()];
  const next = (): void => {
    if (state !== 'ready' || underWay !== undefined) return;
    [underWay] = waiting;
    if (underWay === undefined) {
      workerOf().unref();
      return rest.begin(paced.stopped());
    }
    waiting.delete(underWay);
    rest.end();
    paced.began();
    workerOf().postMessage(underWay.question);
  };
  return {
    takes: (deadlineMs) => {
      if (state === 'ended') return true;
      if (rest.isUnderWay()) return false;
      const before = waiting.size + (underWay === undefined ? 0 : 1);
      const isTaken = waiting.size < QUEUE && paced.takes(before, deadlineMs);
      // while its files are read nobody is turned away for being many
      if (!isTaken && state === 'ready') paced.turnedAway();
      return isTaken;
    },
    join: (asked) => {
      if (state === 'ended') return asked.settle('failed');
      workerOf().ref();
      waiting.add(asked);
      next();
    },
    leave: (asked) => void waiting.delete(asked),
    begin: () => {
      state = 'ready';
      next();
    },
    answered: (answer) => {
      const asked = underWay;
      underWay = undefined;
      paced.answered();
      asked?.remember(answer);
      asked?.settle('answered', answer);
      next();
    },
    end: () => {
      if (state === 'ended') return false;
      state = 'ended';
      rest.end();
      underWay?.settle('failed');
      underWay = undefined;
      for (const asked of waiting) asked.settle('failed');
      return true;
    },
    reopen: () => {
      state = 'starting';
    },
  };
}

/** A time in which nothing is taken. */
function restTimer() {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    begin: (restMs: number): void => {
      if (restMs > 0) timer = setTimeout(end, restMs).unref();
    },
    end,
    isUnderWay: (): boolean => timer !== undefined,
  };
}
