/** `POST /v1/messages/count_tokens`: counted here, by the counter that records use where an upstream reports nothing. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { accept, ANONYMOUS, callFromHead } from '../accept.ts';
import { askingOf } from '../admission.ts';
import { callerOf } from '../auth.ts';
import type { BodyBytes } from '../buffers.ts';
import type { Handler, HttpParts } from '../parts.ts';
import { sendJson } from '../send.ts';

export function countTokens(parts: HttpParts): Handler {
  return async ({ env: { incoming, outgoing } }) => {
    const empty = callFromHead(incoming, 'messages', ANONYMOUS, parts);
    const caller = await callerOf(incoming, empty.stateDeadline, parts);
    const admitted = await parts.admission.admit(caller.name, askingOf(incoming, outgoing));
    let held: BodyBytes | undefined;
    try {
      held = parts.buffers.open(caller.name);
      const call = await accept(incoming, { ...empty, caller }, parts, { held });
      const ids = { 'x-request-id': call.id, 'request-id': call.id };
      sendJson(outgoing, { input_tokens: parts.countInput(call) }, ids);
      return RESPONSE_ALREADY_SENT;
    } finally {
      held?.release();
      admitted.leave();
    }
  };
}
