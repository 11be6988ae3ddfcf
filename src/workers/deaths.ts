/** Counts the workers that died, for the metrics: by what ended them. */
import { type Format } from '../telemetry/exposition.ts';
import { METRICS } from '../telemetry/metric-definitions.ts';
import { createSeries } from '../telemetry/series.ts';
import { DEATH_CAUSES } from '../telemetry/service-metrics.ts';
import type { Member } from './member.ts';

type Cause = (typeof DEATH_CAUSES)[number];

interface Deaths {
  /** It answered nothing and is ended for it. */
  hung(member: Member): void;
  /** @param how its exit code, or the name of the signal that ended it */
  died(member: Member, how: number | string): void;
  text(format: Format): string;
}

export function countDeaths(): Deaths {
  // An increase is seen only from a 0 that was there before.
  const counted = new Map<Cause, number>(DEATH_CAUSES.map((cause) => [cause, 0]));
  const hung = new WeakSet<Member>();
  const series = createSeries({ cap: DEATH_CAUSES.length });
  series.scraped(METRICS.workerDeaths, 'counter', () =>
    [...counted].map(([cause, count]) => [[cause], count] as const),
  );
  const causeOf = (member: Member, how: number | string): Cause => {
    if (hung.has(member)) return 'hung';
    return typeof how === 'string' && how.startsWith('SIG') ? 'killed' : 'exited';
  };
  return {
    hung: (member) => void hung.add(member),
    died: (member, how) => {
      const cause = causeOf(member, how);
      counted.set(cause, counted.get(cause)! + 1);
    },
    text: series.text,
  };
}
