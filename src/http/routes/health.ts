import { accepts } from 'hono/accepts';
import { requireViewer } from '../auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** Alive: the process answers. */
export const alive: Handler = (context) => context.json({ status: 'ok' });

/**
 * Ready: at least one target can serve, and the gateway is not shutting down. Failing dependencies do not change it. Names and
 * reasons are for those who may read reports.
 */
export const ready =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { ok, detail } = parts.isDraining()
      ? { ok: false, detail: 'shutting down' }
      : parts.readiness();
    const status = ok ? 'ready' : 'not ready';
    const isShown = await mayRead(context.env.incoming, parts);
    return context.json(isShown ? { status, detail } : { status }, ok ? 200 : 503);
  };

async function mayRead(
  incoming: Parameters<typeof requireViewer>[0],
  parts: HttpParts,
): Promise<boolean> {
  if (parts.authIsOpen) return true;
  try {
    await requireViewer(incoming, parts);
    return true;
  } catch {
    return false;
  }
}

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
