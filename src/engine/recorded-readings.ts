/** The readings of a request as its record keeps them: what the judge saw of it only where that is wanted, and nothing keeps the request here. */
import type { Readings } from '../core/signal.ts';
import { staysHere } from './exclusions.ts';
import type { Routing } from './routing.ts';

/** @param keepsSeen - the configuration wants it (`store.features`) */
export function recordedReadings(known: Partial<Routing>, keepsSeen: boolean): Readings {
  const { readings = {} } = known;
  const reading = readings['complexity'];
  if (reading?.kind !== 'score' || reading.seen === undefined) return readings;
  return keepsSeen && isFree(known) ? readings : withoutSeen(readings);
}

/** As people are shown them. */
export function withoutSeen(readings: Readings): Readings {
  const reading = readings['complexity'];
  if (reading?.kind !== 'score' || reading.seen === undefined) return readings;
  const { seen: _, ...complexity } = reading;
  return { ...readings, complexity };
}

/** What is not known to be free is not: a shadow's record and an audit's, and what failed before it was decided. */
function isFree({ features, readings, snapshot, policy, decision }: Partial<Routing>): boolean {
  if (features === undefined || readings === undefined || snapshot === undefined) return false;
  if (policy === undefined || decision === undefined) return false;
  if (decision.kind === 'route' && decision.redact !== undefined) return false;
  return !staysHere({ facts: features.facts, readings, snapshot }, policy);
}
