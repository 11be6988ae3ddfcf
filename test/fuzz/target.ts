/** What a target of `npm run fuzz` is. */

/** How many cases, and the seed that gives the same ones again; of fast-check's own parameters. */
interface Running {
  readonly numRuns: number;
  readonly seed: number;
  /** Of a failure that fast-check has shrunk. */
  readonly path?: string;
}

export interface FuzzTarget {
  readonly name: string;
  /** @throws Error of fast-check with the smallest case that breaks a rule, its seed and its path */
  run(running: Running): Promise<void>;
}
