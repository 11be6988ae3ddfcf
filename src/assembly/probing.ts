/** When upstreams are asked whether they answer, and what they have. */
import type { Core } from './core.ts';
import type { Wiring } from './wiring.ts';

/** Long enough to cost nothing, short enough to notice a loaded model or a changed window. */
const PROBE_EVERY_MS = 30_000;
/** How long the start waits for the first probes, to print their results. */
const FIRST_PROBE_MS = 10_000;

/** Probes once, and from then on every half minute. The first signal is the gateway's life. */
export async function startProbing(
  wiring: Wiring,
  { budgets }: Core,
  [life, start]: readonly [AbortSignal, AbortSignal],
): Promise<NodeJS.Timeout> {
  // Not waited for while a model loads or is fetched: its requests wait instead.
  const patience = AbortSignal.timeout(FIRST_PROBE_MS);
  await wiring.probeAll(AbortSignal.any([life, start, patience]));
  const again = (): void => {
    void wiring.probeAll(life);
    budgets.expire();
  };
  return setInterval(again, PROBE_EVERY_MS).unref();
}
