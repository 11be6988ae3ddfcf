/** What `/readyz` says. */
import type { HttpParts } from '../http/parts.ts';
import type { Core } from './core.ts';
import type { Records } from './record-sinks.ts';
import type { Wiring } from './wiring.ts';

/** Ready where an upstream is well. */
export function readiness(
  { upstreams, health }: Core,
  wiring: Wiring,
  { ledger }: Pick<Records, 'ledger'>,
): ReturnType<HttpParts['readiness']> {
  const states = wiring.words();
  const ok = [...upstreams.keys()].some((name) => health.state(name).healthy);
  if (ledger.stats().problem === undefined) return { ok, detail: states };
  // Requests are answered all the same. The reason names a path, and this route asks for no key.
  return { ok, detail: `${states}; the ledger cannot be written, see the log` };
}
