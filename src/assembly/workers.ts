/** What several processes of one gateway have in common. */
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

export const expositionsOf = async (metrics: Metrics): Promise<readonly Exposed[]> => [
  { format: 'prometheus', text: await metrics.text() },
  { format: 'openmetrics', text: await metrics.openMetrics.text() },
];
