import type { Handler, HttpParts } from '../parts.ts';

/** Alive: the process answers. */
export const alive: Handler = (context) => context.json({ status: 'ok' });

/** Ready: at least one target can serve, and the gateway is not shutting down. Nobody's dependency flips it. */
export const ready =
  (parts: HttpParts): Handler =>
  (context) => {
    const { ok, detail } = parts.isDraining()
      ? { ok: false, detail: 'shutting down' }
      : parts.readiness();
    return context.json({ status: ok ? 'ready' : 'not ready', detail }, ok ? 200 : 503);
  };

export const metrics =
  ({ metrics: source }: HttpParts): Handler =>
  async () =>
    new Response(await source.text(), { headers: { 'content-type': source.contentType } });
