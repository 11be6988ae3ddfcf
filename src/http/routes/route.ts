/** `POST /v1/route`: the decision for this chat request, and why, without asking any model. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { explanation } from '../../engine/explain.ts';
import { accept, ANONYMOUS, callFromHead } from '../accept.ts';
import { callerOf } from '../callers/auth.ts';
import type { Handler, HttpParts } from '../parts.ts';
import { sendJson } from '../answer/send.ts';

export function dryRun(parts: HttpParts): Handler {
  return async ({ env: { incoming, outgoing } }) => {
    const empty = callFromHead(incoming, 'chat', ANONYMOUS, parts);
    const caller = await callerOf(incoming, empty.stateDeadline, parts);
    const buffered = parts.buffers.open(caller.name);
    try {
      const call = await accept(incoming, { ...empty, caller }, parts, { buffered });
      const routing = await parts.gateway.judge(call);
      sendJson(outgoing, explanation(routing), { 'x-request-id': call.id });
      return RESPONSE_ALREADY_SENT;
    } finally {
      buffered.release();
    }
  };
}
