/**
 * The readings that go into a record. What the judge saw is among them only where that is configured and nothing keeps the request on this
 * machine.
 */
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

/** A request counts as free only if that is known: not a shadow's or an audit's record, nor one that failed before it was decided. */
function isFree({ features, readings, snapshot, policy, decision }: Partial<Routing>): boolean {
  if (features === undefined || readings === undefined || snapshot === undefined) return false;
  if (policy === undefined || decision === undefined) return false;
  if (decision.kind === 'route' && decision.redact !== undefined) return false;
  return !staysHere({ facts: features.facts, readings, snapshot }, policy);
}
