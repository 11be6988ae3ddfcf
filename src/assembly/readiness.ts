/** What `/readyz` says. */
import type { HttpParts } from '../http/parts.ts';
import type { Certificates } from './certificates.ts';
import type { Core } from './core.ts';
import type { Records } from './record-sinks.ts';
import type { Wiring } from './wiring.ts';

interface Ready extends Pick<Records, 'ledger' | 'threadRestarts'> {
  readonly missingRows: number;
  readonly redisProblem?: (() => string | undefined) | undefined;
  readonly certificates: Pick<Certificates, 'words'>;
}

/**
 * Ready where an upstream is well and can be reached. One that refuses the key of an attempt counts: only an attempt shows that it takes
 * it again.
 */
export function readiness(
  { upstreams, health }: Core,
  wiring: Wiring,
  { ledger, threadRestarts, missingRows, redisProblem, certificates }: Ready,
): ReturnType<HttpParts['readiness']> {
  const missing =
    missingRows === 0 ? '' : `; ${missingRows} rows of the ledger are missing, see the log`;
  const restarted = restartWords(threadRestarts());
  const redis = redisProblem?.() === undefined ? '' : '; Redis cannot be used, see the log';
  const states = wiring.words() + missing + redis + certificates.words() + restarted;
  const faults = wiring.faults();
  const ok = [...upstreams.keys()].some(
    (name) => health.state(name).healthy && faults.get(name)?.cause !== 'unreachable',
  );
  if (ledger.stats().problem === undefined) return { ok, detail: states };
  // Requests are answered all the same. The reason names a path, and this route asks for no key.
  return { ok, detail: `${states}; the ledger cannot be written, see the log` };
}

function restartWords(restarts: Readonly<Record<string, number>>): string {
  const ended = Object.entries(restarts).filter(([, times]) => times > 0);
  if (ended.length === 0) return '';
  const names = ended.map(([thread, times]) => `${thread} ${times}`).join(', ');
  return `; threads that ended and were started again: ${names}, see the log`;
}
