/** The conversation that a request to `/v1/responses` continues, where it is stored here. */
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Soon } from '../../lib/soon.ts';
import type { HttpParts } from '../parts.ts';

/**
 * Before routing: constraints must be evaluated against the whole conversation, not its last message.
 * @throws GatewayError `gateway_state_unavailable` where it was not read in time
 */
export function withHistory(
  call: Call,
  { storedResponses, storedDeadline }: Pick<HttpParts, 'storedResponses' | 'storedDeadline'>,
): Soon<Call> {
  if (call.operation !== 'responses') return call;
  const deadline = storedDeadline();
  const inlined = storedResponses.inlineHistory(call, deadline);
  return deadline.known('stored_responses', inlined, stateUnavailable);
}

/** @throws GatewayError always: the stored conversation was not read in time */
export function stateUnavailable(): never {
  throw new GatewayError(
    'gateway_state_unavailable',
    'Stored responses could not be read in time. Ask again in a second.',
  );
}
