/** Work of which only so much goes on at once. What waits has turns by owner: one who brings much makes the others wait for one piece. */
import { RoundRobin } from './round-robin.ts';

export interface FairLine {
  /** What `work` resolves to, or rejects with, once it had its turn. */
  inTurn<T>(owner: string, work: () => Promise<T>): Promise<T>;
}

const anyone = (): boolean => true;

/** @param places how many work at once */
export function fairLine(places: number): FairLine {
  let free = places;
  const waiting = new RoundRobin<() => void>();
  const letNextIn = (): void => {
    const next = waiting.next(anyone);
    if (next === undefined) free += 1;
    else next();
  };
  return {
    inTurn: async (owner, work) => {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.join(owner, resolve));
      try {
        return await work();
      } finally {
        letNextIn();
      }
    },
  };
}
