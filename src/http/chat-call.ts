/** A chat request from a file or the command line as a `Call`, as the HTTP edge would make it. */
import { performance } from 'node:perf_hooks';
import type { Call } from '../core/call.ts';
import { NO_WAITING } from '../core/deadline.ts';
import { DEFAULT_MAX_DEPTH } from './body/parse.ts';
import { readPayload } from './body/read-payload.ts';

const ASKED = {
  operation: 'chat',
  method: 'POST',
  path: '/chat/completions',
  contentType: 'application/json',
} as const;

/** @throws GatewayError with the code that the HTTP route would answer */
export function chatCall(given: Buffer): Call {
  const { payload, body } = readPayload(given, ASKED, { maxDepth: DEFAULT_MAX_DEPTH });
  return {
    id: 'explain',
    ...ASKED,
    requestedModel: typeof body['model'] === 'string' ? body['model'] : 'auto',
    stream: body['stream'] === true,
    wantsUsage: false,
    body,
    payload,
    forwardHeaders: {},
    caller: { name: 'open', labels: {}, mayOverride: true },
    receivedAtMs: Date.now(),
    startedMs: performance.now(),
    stateDeadline: NO_WAITING,
  };
}
