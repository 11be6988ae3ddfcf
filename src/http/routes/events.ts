/** `GET /admin/events`: server-sent events for open pages. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { GatewayError } from '../../core/errors.ts';
import { requireViewer } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';

export const getEvents =
  (parts: HttpParts): Handler =>
  async ({ env }) => {
    await requireViewer(env.incoming, parts);
    const mayStay = async (): Promise<unknown> => await requireViewer(env.incoming, parts);
    if (parts.events.open(env, mayStay) === true) return RESPONSE_ALREADY_SENT;
    throw new GatewayError(
      'gateway_overloaded',
      'As many pages are open as are told of news: ask GET /admin/requests?view=rows again and again instead.',
    );
  };
