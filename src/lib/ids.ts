import { randomFillSync } from 'node:crypto';

/** 80 bits: an id cannot be guessed, even by who knows when it was made. */
const RANDOM_BYTES = 10;
const RANDOM_DIGITS = 2 * RANDOM_BYTES;
/** Random digits are drawn for so many ids at once: each draw enters the kernel. */
const DRAWN = 256;
/** Hexadecimal digits of 48 bits of milliseconds: enough until the year 10889. */
const TIME_DIGITS = 12;

/**
 * Makes ids: `prefix_` and 32 hexadecimal digits, 48 bits of milliseconds since the epoch and then 80 random ones. Ids made one after
 * the other sort in the order of time, so that an index on them grows at its end.
 * @param epochMs if this clock steps back, ids keep the latest time seen
 */
export function idSource(epochMs: () => number): (prefix: string) => string {
  const pool = Buffer.alloc(RANDOM_BYTES * DRAWN);
  let digits = '';
  let at = 0;
  let latestMs = 0;
  let time = '';
  return (prefix) => {
    if (at === digits.length) {
      digits = randomFillSync(pool).toString('hex');
      at = 0;
    }
    const now = epochMs();
    if (now > latestMs) {
      latestMs = now;
      time = now.toString(16).padStart(TIME_DIGITS, '0');
    }
    const random = digits.slice(at, at + RANDOM_DIGITS);
    at += RANDOM_DIGITS;
    return `${prefix}_${time}${random}`;
  };
}
