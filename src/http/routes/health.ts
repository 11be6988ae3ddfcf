import { accepts } from 'hono/accepts';
import type { Handler, HttpParts } from '../parts.ts';

/** Alive: the process answers. */
export const alive: Handler = (context) => context.json({ status: 'ok' });

/** Ready: at least one target can serve, and the gateway is not shutting down. Failing dependencies do not change it. */
export const ready =
  (parts: HttpParts): Handler =>
  (context) => {
    const { ok, detail } = parts.isDraining()
      ? { ok: false, detail: 'shutting down' }
      : parts.readiness();
    return context.json({ status: ok ? 'ready' : 'not ready', detail }, ok ? 200 : 503);
  };

const OPEN_METRICS = 'application/openmetrics-text';

/** OpenMetrics, with exemplars, if `Accept` names it: Prometheus does, a browser does not. */
export const metrics =
  ({ metrics: source }: HttpParts): Handler =>
  async (context) => {
    const supports = ['text/plain', OPEN_METRICS];
    const wanted = accepts(context, { header: 'Accept', supports, default: 'text/plain' });
    const { contentType, text } = wanted === OPEN_METRICS ? source.openMetrics : source;
    return new Response(await text(), { headers: { 'content-type': contentType, vary: 'accept' } });
  };
