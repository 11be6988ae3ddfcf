/** How a week's spending is spread over its hours, and so how much of a period's money should be gone by when. */
import { clockOf } from '../lib/local-time.ts';
import type { Period } from '../lib/calendar.ts';

const HOUR_MS = 3_600_000;
const HOURS = 168;

/** What was spent, or would have been with the large model alone, in an hour that begins then (milliseconds since the epoch). */
export interface SpentHour {
  readonly atMs: number;
  readonly nanoUsd: number;
}

/** Weights of the week's hours in one zone, from Monday's first; they are above 0 and add up to 168. */
export type WeekProfile = readonly number[];

export const UNIFORM: WeekProfile = Array.from({ length: HOURS }, () => 1);

/** Hours in which nothing was spent so far may see some: this part of a profile is uniform. */
const UNIFORM_PART = 0.1;
/** With less than a whole week the days that are missing would count as silent. */
const LEAST_HOURS = HOURS;

export function weekProfile(hours: readonly SpentHour[], zone: string): WeekProfile {
  const sum = hours.reduce((total, { nanoUsd }) => total + nanoUsd, 0);
  if (hours.length < LEAST_HOURS || sum <= 0) return UNIFORM;
  const hourOf = hourOfWeek(zone);
  const [sums, counts] = [UNIFORM.map(() => 0), UNIFORM.map(() => 0)];
  for (const { atMs, nanoUsd } of hours) {
    const hour = hourOf(atMs);
    sums[hour]! += nanoUsd;
    counts[hour]! += 1;
  }
  // An hour is in some windows once more than others, and where clocks change not at all.
  const means = sums.map((nanoUsd, hour) => nanoUsd / Math.max(1, counts[hour]!));
  const whole = means.reduce((total, mean) => total + mean, 0);
  return means.map((mean) => UNIFORM_PART + (1 - UNIFORM_PART) * HOURS * (mean / whole));
}

/** The share of the period's money that should be gone at a time, from 0 to 1. */
export function planOf(
  { startMs, endMs }: Period,
  zone: string,
  profile: WeekProfile,
): (atMs: number) => number {
  const hourOf = hourOfWeek(zone);
  const gone = [0];
  for (let atMs = startMs; atMs < endMs; atMs += HOUR_MS) {
    const part = Math.min(1, (endMs - atMs) / HOUR_MS);
    gone.push(gone.at(-1)! + part * profile[hourOf(atMs)]!);
  }
  const whole = gone.at(-1)!;
  return (atMs) => {
    const hours = Math.min(Math.max(0, (atMs - startMs) / HOUR_MS), gone.length - 1);
    const hour = Math.min(Math.floor(hours), gone.length - 2);
    const [from, to] = [gone[hour]!, gone[hour + 1]!];
    return (from + (to - from) * Math.min(1, hours - hour)) / whole;
  };
}

/** 0 is the first hour of Monday. */
function hourOfWeek(zone: string): (atMs: number) => number {
  const clock = clockOf(zone);
  return (atMs) => {
    const { weekday, hour } = clock(atMs);
    return (weekday - 1) * 24 + hour;
  };
}
