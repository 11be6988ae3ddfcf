/** What several processes of one gateway have in common. */
import type { Peers } from '../core/peers.ts';
import type { HttpParts } from '../http/parts.ts';
import type { Exposed } from '../workers/calls.ts';
import type { Worker } from '../workers/worker.ts';

type Metrics = HttpParts['metrics'];

/** Those of all workers, whichever is asked. */
export function metricsOfAll(own: Metrics, worker: Worker | undefined): Metrics {
  if (worker === undefined) return own;
  const formats = { prometheus: own, openmetrics: own.openMetrics };
  worker.scrapedBy(async (format) => await formats[format].text());
  const gathered = (format: keyof typeof formats): Metrics['openMetrics'] => ({
    contentType: formats[format].contentType,
    text: async () => await worker.gather({ format, text: await formats[format].text() }),
  });
  return { ...gathered('prometheus'), openMetrics: gathered('openmetrics') };
}

/** A request that changes keys, budgets or the policy is answered after this at the latest; then each process looks by itself. */
const LOOK_MS = 1000;

/**
 * Looks for changes in the store, in all processes: what a request changed holds in each when it is answered.
 * @param look in this process
 */
export function lookingEverywhere(
  look: () => Promise<void>,
  peers: Peers | undefined,
): () => Promise<void> {
  peers?.answer('look', async () => {
    await look();
    return true;
  });
  return async () => {
    await Promise.all([look(), peers?.ask('look', null, LOOK_MS)]);
  };
}

export const expositionsOf = async (metrics: Metrics): Promise<readonly Exposed[]> => [
  { format: 'prometheus', text: await metrics.text() },
  { format: 'openmetrics', text: await metrics.openMetrics.text() },
];
