/** Sends a chat with custom tools, or with `functions` as OpenAI once called them, to a server that knows tools of functions only. */
import type { Answer, Upstream, UpstreamRequest } from '../core/upstream.ts';
import type { JsonObject } from '../lib/json.ts';
import { callWith } from './call-with.ts';
import { asFunctions, isForFunctions, type AsFunctions } from './custom-as-functions.ts';
import { customCallsStep, withCustomCalls } from './custom-calls.ts';
import { mapEvents, type EventStep } from './events.ts';
import { hasOldFunctions, oldCallStep, oldFunctionsAsTools, withOldCall } from './old-functions.ts';

/** Whether the chat would be sent otherwise than it came. */
export const isTranslated = (body: JsonObject): boolean =>
  isForFunctions(body) || hasOldFunctions(body);

/** The answer has the calls that a server which knows what was asked for would have given. A chat without any is sent as it is. */
export async function sendAsFunctions(
  inner: Pick<Upstream, 'send'>,
  request: UpstreamRequest,
  abort: AbortSignal,
): Promise<Answer> {
  const { call } = request;
  if (isForFunctions(call.body)) {
    const { changes, custom } = asFunctions(call.body);
    const answer = await inner.send({ ...request, call: callWith(call, changes) }, abort);
    return custom.size === 0 ? answer : withCustom(answer, custom);
  }
  if (!hasOldFunctions(call.body)) return inner.send(request, abort);
  const sent = callWith(call, oldFunctionsAsTools(call.body));
  return turnedBack(await inner.send({ ...request, call: sent }, abort), withOldCall, oldCallStep);
}

const withCustom = (answer: Answer, custom: AsFunctions['custom']): Answer =>
  turnedBack(answer, (body) => withCustomCalls(body, custom), customCallsStep(custom));

function turnedBack(
  answer: Answer,
  whole: (body: JsonObject) => JsonObject,
  step: EventStep,
): Answer {
  switch (answer.kind) {
    case 'whole': {
      const body = whole(answer.body);
      return { ...answer, body, bytes: Buffer.from(JSON.stringify(body)) };
    }
    case 'stream':
      return { ...answer, events: mapEvents(answer.events, step) };
    case 'raw':
      return answer;
  }
}
