/** How many places each key has, and whether others ask beside it. */

/** Milliseconds after which a key counts as alone again, if no other key has asked. */
const OTHERS_MS = 10_000;

export interface KeyShares {
  /** A request of this key came. @returns whether the key has its share, while others ask */
  asks(caller: string, now: number): boolean;
  /** The same without a request. */
  isFull(caller: string, now: number): boolean;
  entered(caller: string): void;
  left(caller: string): void;
}

/** @param most places of one key while others ask */
export function keyShares(most: number): KeyShares {
  const places = new Map<string, number>();
  // Of the two keys that asked last, one is another's.
  let last = { caller: '', atMs: -Infinity };
  let other = last;
  const isFull = (caller: string, now: number): boolean => {
    if ((places.get(caller) ?? 0) < most) return false;
    const others = last.caller === caller ? other : last;
    return now - others.atMs < OTHERS_MS;
  };
  return {
    asks: (caller, now) => {
      if (last.caller !== caller) other = last;
      last = { caller, atMs: now };
      return isFull(caller, now);
    },
    isFull,
    entered: (caller) => void places.set(caller, (places.get(caller) ?? 0) + 1),
    left: (caller) => {
      const count = (places.get(caller) ?? 1) - 1;
      if (count > 0) places.set(caller, count);
      else places.delete(caller);
    },
  };
}
