/** When upstreams are asked whether they answer, and what they have. */
import { repeatWhileAlive } from '../lib/while-alive.ts';
import type { Core } from './core.ts';
import type { Wiring } from './wiring.ts';

/** Long enough to cost nothing, short enough to notice a loaded model or a changed window. */
const PROBE_EVERY_MS = 30_000;
/** How long the start waits for the first probes, to print their results. */
const FIRST_PROBE_MS = 10_000;

interface Signals {
  readonly life: AbortSignal;
  /** Ends the start: somebody stops the gateway before it listens. */
  readonly start: AbortSignal;
}

/** Probes once, and from then on every half minute as long as `life` lasts. Never rejects. */
export async function startProbing(
  wiring: Wiring,
  { budgets }: Core,
  { life, start }: Signals,
): Promise<void> {
  // Not waited for while a model loads or is fetched: its requests wait instead.
  const patience = AbortSignal.timeout(FIRST_PROBE_MS);
  await wiring.probeAll(AbortSignal.any([life, start, patience]));
  const again = (): void => {
    void wiring.probeAll(life);
    budgets.expire();
  };
  repeatWhileAlive(again, PROBE_EVERY_MS, life);
}
