/** The lengths that roll-ups are kept for, and which of them make up a window. */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Minute, quarter of an hour, hour, day (of UTC): each begins where one of the next begins. Quarters serve zones that are off by some. */
export const LENGTHS_MS = [MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 24 * HOUR_MS] as const;

export const startOf = (atMs: number, lengthMs: number): number =>
  Math.floor(atMs / lengthMs) * lengthMs;

export interface Span {
  readonly lengthMs: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Few and long roll-ups that cover a window once; both ends are at minutes. */
export function spansOf(
  fromMs: number,
  toMs: number,
  lengths: readonly number[] = LENGTHS_MS,
): readonly Span[] {
  const lengthMs = lengths.at(-1);
  if (lengthMs === undefined || fromMs >= toMs) return [];
  const [first, last] = [Math.ceil(fromMs / lengthMs) * lengthMs, startOf(toMs, lengthMs)];
  const shorter = lengths.slice(0, -1);
  if (first >= last) return spansOf(fromMs, toMs, shorter);
  return [
    ...spansOf(fromMs, first, shorter),
    { lengthMs, fromMs: first, toMs: last },
    ...spansOf(last, toMs, shorter),
  ];
}

/** The longest roll-ups that begin wherever one of these times is. */
export const lengthFor = (times: readonly number[]): number =>
  LENGTHS_MS.findLast((lengthMs) => times.every((timeMs) => timeMs % lengthMs === 0)) ?? MINUTE_MS;
