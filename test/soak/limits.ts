/** What a soak must show. */
import type { SoakFigures } from './soak.ts';

const LEAST_SUCCESS = 0.995;
const MOST_HEAP_MB_PER_MINUTE = 1;
/** A slope over less time is that of the warm-up. */
const SLOPE_MINUTES = 15;
/** Connections that are kept come and go. */
const MORE_HANDLES = 30;

/** A line for each figure that is not kept. */
export function broken(figures: SoakFigures): readonly string[] {
  const { successShare, heapMbPerMinute, descriptors, timers, told, arrived, minutes } = figures;
  const lines: string[] = [];
  if (successShare < LEAST_SUCCESS)
    lines.push(`${(successShare * 100).toFixed(2)} % were answered, where ${LEAST_SUCCESS * 100} % are asked`);
  if (minutes >= SLOPE_MINUTES && heapMbPerMinute > MOST_HEAP_MB_PER_MINUTE)
    lines.push(`the heap grew by ${heapMbPerMinute.toFixed(2)} MB a minute`);
  for (const [name, [first, last]] of Object.entries({ descriptors, timers }))
    if (last > first + MORE_HANDLES) lines.push(`${name}: ${first} at a third of the time, ${last} at the end`);
  for (const name of Object.keys(arrived))
    if (told[name] !== arrived[name])
      lines.push(`${name}: ${arrived[name]} calls arrived, records tell of ${told[name] ?? 0}`);
  return lines;
} // prettier-ignore
