/**
 * `/v1/responses/{id}` and below. What we answered by translation is kept here; everything else is the
 * cloud upstream's, so an id we do not know is passed on, unless another caller is known to own it.
 */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { JsonObject } from '../../lib/json.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Handler, HttpParts } from '../parts.ts';
import { sendJson } from '../send.ts';

type Read = (parts: HttpParts, caller: string, id: string, query: URLSearchParams) => JsonObject;

export const retrieveResponse = (parts: HttpParts, otherwise: Handler): Handler =>
  stored(parts, otherwise, ({ storedResponses }, caller, id) =>
    storedResponses.retrieve(caller, id),
  );

export const deleteResponse = (parts: HttpParts, otherwise: Handler): Handler =>
  stored(parts, otherwise, ({ storedResponses }, caller, id) => storedResponses.remove(caller, id));

export const responseInputItems = (parts: HttpParts, otherwise: Handler): Handler =>
  stored(parts, otherwise, ({ storedResponses }, caller, id, query) =>
    storedResponses.inputItems(caller, id, query),
  );

function stored(parts: HttpParts, otherwise: Handler, read: Read): Handler {
  return async (context) => {
    const { incoming, outgoing } = context.env;
    const caller = parts.auth.caller(incoming);
    const id = context.req.param('id') ?? '';
    try {
      const query = new URL(context.req.url).searchParams;
      sendJson(outgoing, read(parts, caller.name, id, query), { 'x-request-id': parts.newId() });
      return RESPONSE_ALREADY_SENT;
    } catch (error) {
      const isOurs = !(error instanceof GatewayError && error.code === 'caller_not_found');
      const isPrivate = parts.storedResponses.isAnothers(caller.name, id);
      if (isOurs || isPrivate || !parts.hasCloud()) throw error;
      return await otherwise(context);
    }
  };
}
