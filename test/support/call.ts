import { NO_WAITING } from '../../src/core/deadline.ts';
import type { Call } from '../../src/core/call.ts';

/** A chat call with the text "Hello", with overrides. */
export function call(over: Partial<Call> = {}): Call {
  const body = over.body ?? { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] };
  return {
    id: 'req_1',
    operation: 'chat',
    method: 'POST',
    path: '/chat/completions',
    requestedModel: 'auto',
    stream: false,
    wantsUsage: false,
    body,
    payload: Buffer.from(JSON.stringify(body)),
    contentType: 'application/json',
    forwardHeaders: {},
    caller: { name: 'open', labels: {}, mayOverride: true },
    receivedAtMs: 0,
    startedMs: 0,
    stateDeadline: NO_WAITING,
    ...over,
  };
}
