/** Routes that count the tokens of a request, by the counter that records use where an upstream reports nothing. */
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Call, Operation } from '../../core/call.ts';
import { accept, ANONYMOUS, callFromHead } from '../accept.ts';
import { askingOf } from '../admission/admission.ts';
import { callerOf } from '../callers/auth.ts';
import type { BodyBytes } from '../admission/buffers.ts';
import type { Env, Handler, HttpParts } from '../parts.ts';
import { readPayload, type ReadPayload } from '../body/read-payload.ts';
import { sendJson } from '../answer/send.ts';
import { answerOf } from './data.ts';
import { withHistory } from './history.ts';

/** `POST /v1/messages/count_tokens`: counted here, whatever the cloud. */
export const countTokens =
  (parts: HttpParts): Handler =>
  ({ env }) =>
    counted(env, 'messages', parts, (tokens) => ({ input_tokens: tokens }));

/**
 * `POST /v1/responses/input_tokens`: a cloud counts what it would bill. Where there is none, where the policy lets nothing out, or where it
 * does not count, it is counted here. Said to be estimated, as models count by tokens of their own.
 */
export function countInputTokens(parts: HttpParts): Handler {
  const carried = answerOf('passthrough', parts, async (call) => {
    const asked: Call = { ...call, operation: 'responses', path: '/responses' };
    const read = call.large === undefined ? { ...asked, ...readAs(asked, parts) } : asked;
    return estimated(parts.countInput(await withHistory(read, parts)));
  });
  return async ({ env }) => {
    if (!parts.hasCloud()) return await counted(env, 'responses', parts, estimated);
    await carried(env.incoming, env.outgoing);
    return RESPONSE_ALREADY_SENT;
  };
}

/** Carried unread, it may be no request at all. @throws GatewayError `caller_*` */
const readAs = (call: Call, { limits }: HttpParts): ReadPayload =>
  readPayload(call.payload, call, { maxDepth: limits.maxDepth, namedModel: ANY_MODEL });

const estimated = (tokens: number): object => ({
  object: 'response.input_tokens',
  input_tokens: tokens,
  estimated: true,
});

/** Whoever counts need not have chosen a model yet. */
const ANY_MODEL = 'auto';

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
    const accepting =
      operation === 'responses' ? { buffered, namedModel: ANY_MODEL } : { buffered };
    const call: Call = await accept(incoming, { ...empty, caller }, parts, accepting);
    const ids = { 'x-request-id': call.id, 'request-id': call.id };
    sendJson(outgoing, answer(parts.countInput(await withHistory(call, parts))), ids);
    return RESPONSE_ALREADY_SENT;
  } finally {
    buffered?.release();
    admitted.leave();
  }
}
