/** A line in which those who wait are let in by turns of their owners: one who brings many makes the others wait for one of them. */
export interface FairLine {
  /** What `work` resolves to, or rejects with, once it had its turn. */
  inTurn<T>(owner: string, work: () => Promise<T>): Promise<T>;
}

/** @param places how many work at once */
export function fairLine(places: number): FairLine {
  let free = places;
  /** In the order of their turns. */
  const waiting = new Map<string, (() => void)[]>();
  const letNextIn = (): void => {
    for (const [owner, line] of waiting) {
      waiting.delete(owner);
      const next = line.shift();
      if (line.length > 0) waiting.set(owner, line);
      if (next !== undefined) return next();
    }
    free += 1;
  };
  const turnOf = (owner: string): Promise<void> =>
    new Promise((resolve) => {
      const line = waiting.get(owner) ?? [];
      waiting.set(owner, line);
      line.push(resolve);
    });
  return {
    inTurn: async (owner, work) => {
      if (free > 0) free -= 1;
      else await turnOf(owner);
      try {
        return await work();
      } finally {
        letNextIn();
      }
    },
  };
}
