/** Routes that count the tokens of a request, by the counter that records use where an upstream reports nothing. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Call, Operation } from '../../core/call.ts';
import { accept, ANONYMOUS, callFromHead } from '../accept.ts';
import { askingOf } from '../admission/admission.ts';
import { callerOf } from '../callers/auth.ts';
import type { BodyBytes } from '../admission/buffers.ts';
import type { Env, Handler, HttpParts } from '../parts.ts';
import { sendJson } from '../answer/send.ts';
import { withHistory } from './history.ts';

/** `POST /v1/messages/count_tokens`: counted here, whatever the cloud. */
export const countTokens =
  (parts: HttpParts): Handler =>
  ({ env }) =>
    counted(env, 'messages', parts, (tokens) => ({ input_tokens: tokens }));

/**
 * `POST /v1/responses/input_tokens`: a cloud counts what it would bill, and without one it is counted here. Said to be estimated, as
 * models count by tokens of their own.
 */
export const countInputTokens =
  (parts: HttpParts, passthrough: Handler): Handler =>
  async (context) =>
    parts.hasCloud()
      ? await passthrough(context)
      : await counted(context.env, 'responses', parts, (tokens) => ({
          object: 'response.input_tokens',
          input_tokens: tokens,
          estimated: true,
        }));

async function counted(
  { incoming, outgoing }: Env['Bindings'],
  operation: Operation,
  parts: HttpParts,
  answer: (tokens: number) => object,
): Promise<Response> {
  const empty = callFromHead(incoming, operation, ANONYMOUS, parts);
  const caller = await callerOf(incoming, empty.stateDeadline, parts);
  const admitted = await parts.admission.admit(caller.name, askingOf(incoming, outgoing));
  let buffered: BodyBytes | undefined;
  try {
    buffered = parts.buffers.open(caller.name);
    // Whoever counts need not have chosen a model yet.
    const accepting = operation === 'responses' ? { buffered, namedModel: 'auto' } : { buffered };
    const call: Call = await accept(incoming, { ...empty, caller }, parts, accepting);
    const ids = { 'x-request-id': call.id, 'request-id': call.id };
    sendJson(outgoing, answer(parts.countInput(await withHistory(call, parts))), ids);
    return RESPONSE_ALREADY_SENT;
  } finally {
    buffered?.release();
    admitted.leave();
  }
}
