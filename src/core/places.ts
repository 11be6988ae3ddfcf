/** Places that are taken for a while, of a limit on how many may be taken at once. */
import type { Soon } from '../lib/soon.ts';

export interface Places {
  /**
   * Takes one of `limit` by this name. False where all are taken, or where it is not known in time that one is free: what all
   * processes of a gateway have taken of a limit never exceeds it.
   */
  take(name: string, limit: number): Soon<boolean>;
  /** Gives back one that was taken. */
  leave(name: string): void;
  /** Whether one could be taken here at once. */
  isHere(name: string, limit: number): boolean;
  /** Brings one here without taking it, where another process has it idle. False: it has none to give, or did not in time. */
  bring(name: string, limit: number): Soon<boolean>;
}
