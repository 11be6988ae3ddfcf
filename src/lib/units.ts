export const J_PER_KWH = 3.6e6;

/** Milliseconds by the letter that stands for a unit of time in options and policies; each says which of them it takes. */
export const MS_BY_UNIT: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
]);
