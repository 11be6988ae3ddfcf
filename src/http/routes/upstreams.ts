/** `/admin/upstreams`: how each stands, and asking one anew. */
import { GatewayError } from '../../core/errors.ts';
import { adminBody } from '../admin-body.ts';
import { requireAdmin, requireViewer } from '../auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** `GET /admin/upstreams` */
export const listUpstreams =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json({ upstreams: parts.upstreams.list() });
  };

/** A server that says nothing for so long is called silent. */
const CHECK_MS = 15_000;

/** `POST /admin/upstreams/{name}/check`, no body: answers as `GET /admin/upstreams` does, once it was asked. */
export const checkUpstream =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming } = context.env;
    await requireAdmin(incoming, parts);
    await adminBody(incoming);
    const name = context.req.param('name') ?? '';
    if (await parts.upstreams.check(name, AbortSignal.timeout(CHECK_MS)))
      return context.json({ upstreams: parts.upstreams.list() });
    const known = parts.upstreams.list().map((one) => one.name);
    throw new GatewayError(
      'caller_not_found',
      `No upstream '${name.slice(0, 80)}' is configured. There are: ${known.join(', ')}.`,
    );
  };
