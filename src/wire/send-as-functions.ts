/** Sends a chat with custom tools to a server that knows functions only. */
import type { Answer, Upstream, UpstreamRequest } from '../core/upstream.ts';
import { withMembers } from '../lib/json-outline.ts';
import { spliceJson } from '../lib/json-splice.ts';
import { asFunctions, isForFunctions, type AsFunctions } from './custom-as-functions.ts';
import { customCallsStep, withCustomCalls } from './custom-calls.ts';
import { mapEvents } from './events.ts';

/** The answer has the calls of custom tools that a server which knows them would have given. A chat without any is sent as it is. */
export const sendAsFunctions = (
  inner: Pick<Upstream, 'send'>,
  request: UpstreamRequest,
  abort: AbortSignal,
): Promise<Answer> =>
  isForFunctions(request.call.body)
    ? translated(inner, request, abort)
    : inner.send(request, abort);

async function translated(
  inner: Pick<Upstream, 'send'>,
  request: UpstreamRequest,
  abort: AbortSignal,
): Promise<Answer> {
  const { call } = request;
  const { changes, custom } = asFunctions(call.body);
  const texts = Object.entries(changes).map(([name, value]) => [
    name,
    value === undefined ? undefined : JSON.stringify(value),
  ]);
  const sent = {
    ...call,
    body: withMembers(call.body, changes),
    payload: spliceJson(call.payload, Object.fromEntries(texts)),
  };
  const answer = await inner.send({ ...request, call: sent }, abort);
  return custom.size === 0 ? answer : turnedBack(answer, custom);
}

function turnedBack(answer: Answer, custom: AsFunctions['custom']): Answer {
  switch (answer.kind) {
    case 'whole': {
      const body = withCustomCalls(answer.body, custom);
      return { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
    }
    case 'stream':
      return { ...answer, events: mapEvents(answer.events, customCallsStep(custom)) };
    case 'raw':
      return answer;
  }
}
