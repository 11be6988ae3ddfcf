/** The steps of a series: where each begins, in the zone of who looks at it. */
import type { Step } from '../core/admin-figures.ts';
import { periodAt } from '../lib/calendar.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const LENGTH_MS: Readonly<Record<Step, number>> = {
  '1m': MINUTE_MS,
  '5m': 5 * MINUTE_MS,
  '15m': 15 * MINUTE_MS,
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '1d': DAY_MS,
};

/** A chart of more points than pixels shows nothing more. */
export const MOST_STEPS = 2_000;

export interface Grid {
  /** When each step begins; milliseconds since the epoch. */
  readonly times: readonly number[];
  /** When the last one ends. */
  readonly endMs: number;
}

/**
 * Whole steps that cover a window. Steps of an hour and more are counted from the zone's midnights, shorter ones are quarters of an
 * hour or parts of them, as are the offsets of all zones.
 * @throws RangeError where there are more than `MOST_STEPS`
 */
export function gridOf(fromMs: number, toMs: number, step: Step, zone: string): Grid {
  const length = LENGTH_MS[step];
  if ((toMs - fromMs) / length > MOST_STEPS)
    throw new RangeError(`more than ${MOST_STEPS} steps of ${step}`);
  const times: number[] = [];
  let endMs = fromMs;
  for (const { startMs, nextMs } of stepsFrom(fromMs, length, zone)) {
    if (startMs >= toMs) break;
    endMs = nextMs;
    if (nextMs > fromMs) times.push(startMs);
  }
  return { times, endMs };
}

interface Span {
  readonly startMs: number;
  readonly nextMs: number;
}

function* stepsFrom(fromMs: number, length: number, zone: string): Generator<Span> {
  if (length < HOUR_MS) {
    for (let startMs = Math.floor(fromMs / length) * length; ; startMs += length)
      yield { startMs, nextMs: startMs + length };
  }
  for (let atMs = fromMs; ;) {
    const day = periodAt('day', zone, atMs);
    for (let startMs = day.startMs; startMs < day.endMs; startMs += length)
      yield { startMs, nextMs: Math.min(startMs + length, day.endMs) };
    atMs = day.endMs;
  }
}

/** The step that a chart of this window is drawn in when nobody asks for one: 60 to 180 points. */
export function stepFor(spanMs: number): Step {
  if (spanMs <= 3 * HOUR_MS) return '1m';
  if (spanMs <= 12 * HOUR_MS) return '5m';
  if (spanMs <= 2 * DAY_MS) return '15m';
  if (spanMs <= 8 * DAY_MS) return '1h';
  return spanMs <= 45 * DAY_MS ? '6h' : '1d';
}

/** The place in `times` of the step that holds this time. */
export function stepAt(times: readonly number[], atMs: number): number {
  let [low, high] = [0, times.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= atMs) low = middle;
    else high = middle;
  }
  return low;
}
