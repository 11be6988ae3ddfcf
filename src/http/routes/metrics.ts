import { accepts } from 'hono/accepts';
import { requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

const OPEN_METRICS = 'application/openmetrics-text';

/**
 * OpenMetrics, with exemplars, if `Accept` names it: Prometheus does, a browser does not.
 * No key is needed where administration has a listener that only this machine reaches.
 */
export const metrics =
  (parts: HttpParts): Handler =>
  async (context) => {
    if (!parts.adminIsLocal) await requireViewer(context.env.incoming, parts);
    const supports = ['text/plain', OPEN_METRICS];
    const wanted = accepts(context, { header: 'Accept', supports, default: 'text/plain' });
    const { contentType, text } =
      wanted === OPEN_METRICS ? parts.metrics.openMetrics : parts.metrics;
    return new Response(await text(), { headers: { 'content-type': contentType, vary: 'accept' } });
  };
