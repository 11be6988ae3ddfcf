import { createHash } from 'node:crypto';

/** A draw in 0 to 1 that is the same each time for one text. */
export const chanceOf = (text: string): number =>
  createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
