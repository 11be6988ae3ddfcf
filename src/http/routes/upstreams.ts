/** `/admin/upstreams`: how each stands, and asking one anew. */
import { GatewayError } from '../../core/errors.ts';
import { adminBody } from '../admin/admin-body.ts';
import { requireAdmin, requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** `GET /admin/upstreams` */
export const listUpstreams =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    return context.json({ upstreams: parts.upstreams.list() });
  };

/** `POST /admin/upstreams/{name}/check`, no body: answers as `GET /admin/upstreams` does, with what was found. */
export const checkUpstream =
  (parts: HttpParts): Handler =>
  async (context) => {
    const { incoming, outgoing } = context.env;
    await requireAdmin(incoming, parts);
    await adminBody(incoming);
    const name = context.req.param('name') ?? '';
    const ended = new AbortController();
    outgoing.once('close', () => ended.abort());
    const checks = await parts.upstreams.check(name, ended.signal);
    if (checks !== undefined) return context.json({ upstreams: parts.upstreams.list(), checks });
    const known = parts.upstreams.list().map((one) => one.name);
    throw new GatewayError(
      'caller_not_found',
      `No upstream '${name.slice(0, 80)}' is configured. There are: ${known.join(', ')}.`,
    );
  };
