/**
 * `/v1/responses/{id}` and below. Translated responses are stored here; all others are the cloud upstream's, so an unknown id is
 * forwarded, unless another caller is known to own it.
 */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { StateDeadline } from '../../core/deadline.ts';
import { GatewayError } from '../../core/errors.ts';
import { tenantOf } from '../../core/owners.ts';
import type { StoredResponses } from '../../core/stored-responses.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Soon } from '../../lib/soon.ts';
import { callerOf } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';
import { sendJson } from '../answer/send.ts';
import { stateUnavailable } from './history.ts';

interface Asked {
  readonly caller: string;
  readonly id: string;
  readonly query: URLSearchParams;
  readonly deadline: StateDeadline;
}

type Read = (stored: StoredResponses, asked: Asked) => Soon<JsonObject>;

export const retrieveResponse = (parts: HttpParts, otherwise: Handler): Handler =>
  stored(parts, otherwise, (responses, { caller, id, deadline }) =>
    responses.retrieve(caller, id, deadline),
  );

export const deleteResponse = (parts: HttpParts, otherwise: Handler): Handler =>
  stored(parts, otherwise, (responses, { caller, id, deadline }) =>
    responses.remove(caller, id, deadline),
  );

export const responseInputItems = (parts: HttpParts, otherwise: Handler): Handler =>
  stored(parts, otherwise, (responses, { caller, id, query, deadline }) =>
    responses.inputItems(caller, id, query, deadline),
  );

function stored(parts: HttpParts, otherwise: Handler, read: Read): Handler {
  const { storedResponses } = parts;
  return async (context) => {
    const { incoming, outgoing } = context.env;
    const deadline = parts.storedDeadline();
    const asking = await callerOf(incoming, parts.stateDeadline(), parts);
    const caller = tenantOf(asking);
    const id = context.req.param('id') ?? '';
    const inTime = <T>(answer: Soon<T>): Soon<T> =>
      deadline.known<T>('stored_responses', answer, stateUnavailable);
    try {
      const query = new URL(context.req.url).searchParams;
      const body = await inTime(read(storedResponses, { caller, id, query, deadline }));
      sendJson(outgoing, body, { 'x-request-id': parts.newId() });
      return RESPONSE_ALREADY_SENT;
    } catch (error) {
      const isOurs = !(error instanceof GatewayError && error.code === 'caller_not_found');
      if (isOurs || !parts.hasCloud()) throw error;
      const isAll = asking.account === true;
      if (!isAll && (await inTime(storedResponses.isOwnedByOther(caller, id, deadline))))
        throw error;
      return await otherwise(context);
    }
  };
}
