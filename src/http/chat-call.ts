/** A chat request from a file or the command line as a `Call`, as the HTTP edge would make it. */
import { performance } from 'node:perf_hooks';
import type { Call } from '../core/call.ts';
import { NO_WAITING } from '../core/deadline.ts';
import { parseBody } from './body/parse.ts';

/** @throws GatewayError with the code that the HTTP route would answer */
export function chatCall(payload: Buffer): Call {
  const body = parseBody(payload, 'chat');
  return {
    id: 'explain',
    operation: 'chat',
    method: 'POST',
    path: '/chat/completions',
    requestedModel: typeof body['model'] === 'string' ? body['model'] : 'auto',
    stream: body['stream'] === true,
    wantsUsage: false,
    body,
    payload,
    contentType: 'application/json',
    forwardHeaders: {},
    caller: { name: 'open', labels: {}, mayOverride: true },
    receivedAtMs: Date.now(),
    startedMs: performance.now(),
    stateDeadline: NO_WAITING,
  };
}
