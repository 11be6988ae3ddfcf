/** The routes that an upstream answers; all share one path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Call, Operation } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ExecutionResult } from '../../engine/execute.ts';
import type { Routed } from '../../engine/gateway.ts';
import type { Admitted } from '../admission.ts';
import { accept, ANONYMOUS, callFromHead } from '../accept.ts';
import { callerOf } from '../auth.ts';
import { shownError, type Held } from '../ownership.ts';
import { answerOwnList, type AskingList } from '../own-list.ts';
import { answerHeaders, earlyHeaders } from '../headers.ts';
import { sendBytes, sendError, type Headers } from '../send.ts';
import { isLimited, type Passage } from '../rate-limiter.ts';
import { eventWriter, pumpBytes, type EventWriter } from '../stream.ts';
import type { Handler, HttpParts } from '../parts.ts';
import { stateUnavailable } from './stored-responses.ts';

/** Answers a request, and leaves its record. `model`: from the path. */
export type AnswerRequest = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  model?: string,
) => Promise<void>;

/** The same for Hono's router. */
export function answered(operation: Operation, parts: HttpParts): Handler {
  const answerRequest = answerOf(operation, parts);
  return async ({ env: { incoming, outgoing }, req }) => {
    await answerRequest(incoming, outgoing, req.param('model'));
    return RESPONSE_ALREADY_SENT;
  };
}

export function answerOf(operation: Operation, parts: HttpParts): AnswerRequest {
  return async (incoming, outgoing, model) => {
    const abort = abortOnHangUp(outgoing);
    let call = callFromHead(incoming, operation, ANONYMOUS, parts);
    let admitted: Admitted | undefined;
    let held: Held | undefined;
    let passage: Passage | undefined;
    try {
      const caller = callerOf(incoming, call.stateDeadline, parts);
      call = { ...call, caller: caller instanceof Promise ? await caller : caller };
      if (isLimited(call.caller)) passage = await parts.limiter.enter(call.caller, outgoing);
      admitted = parts.admission.admit();
      call = await accept(incoming, call, parts, model);
      if (passage !== undefined) await passage.reserve(call);
      // Before routing: constraints must be evaluated against the whole conversation, not its last message.
      if (operation === 'responses') {
        const inlined = parts.storedResponses.inlineHistory(call);
        const known = call.stateDeadline.known('stored_responses', inlined, stateUnavailable);
        call = known instanceof Promise ? await known : known;
      }
      held = parts.ownership?.hold(call);
      if (held !== undefined) call = held.call;
    } catch (error) {
      admitted?.leave();
      passage?.leave();
      parts.gateway.reject(call, error);
      sendError(outgoing, error, { 'x-request-id': call.id });
      return;
    }
    try {
      await answer({ call, outgoing, abort, admitted, held }, parts);
    } finally {
      admitted.leave();
      passage?.leave();
    }
  };
}

interface Accepted {
  readonly call: Call;
  readonly outgoing: ServerResponse;
  readonly abort: AbortSignal;
  readonly admitted: Admitted;
  /** Absent where everything is the caller's. */
  readonly held: Held | undefined;
}

async function answer(
  { call, outgoing, abort, admitted, held }: Accepted,
  parts: HttpParts,
): Promise<void> {
  if (held?.isList === true) return await answerList({ call, held, abort, outgoing }, parts);
  let routed: Routed;
  try {
    routed = await parts.gateway.route(call);
  } catch (error) {
    reportBug(error, call, parts);
    sendError(outgoing, error, { 'x-request-id': call.id });
    return;
  }
  const early = (): Headers => earlyHeaders(call, routed);
  const isEvents = call.stream && call.operation !== 'passthrough';
  const writer = isEvents
    ? eventWriter(outgoing, call.operation, { keepAliveMs: parts.keepAliveMs, early })
    : undefined;
  try {
    const executed = await routed.answer(abort);
    admitted.answered();
    const done = held === undefined ? executed : keptOf(executed, held);
    await write({ call, routed, done, outgoing, writer });
  } catch (error) {
    reportBug(error, call, parts);
    if (outgoing.headersSent) writer?.fail(error);
    else sendError(outgoing, held === undefined ? error : shownError(error), early());
  }
}

const keptOf = (done: ExecutionResult, held: Held): ExecutionResult => ({
  ...done,
  answer: held.keep(done.answer, done.target.upstream),
});

async function answerList(asking: AskingList, parts: HttpParts): Promise<void> {
  try {
    await answerOwnList(asking, parts);
  } catch (error) {
    reportBug(error, asking.call, parts);
    sendError(asking.outgoing, shownError(error), { 'x-request-id': asking.call.id });
  }
}

function reportBug(error: unknown, { id }: Call, parts: HttpParts): void {
  if (!(error instanceof GatewayError)) parts.reportBug(error, id);
}

interface Writing {
  readonly call: Call;
  readonly routed: Routed;
  readonly done: ExecutionResult;
  readonly outgoing: ServerResponse;
  readonly writer: EventWriter | undefined;
}

async function write({ call, routed, done, outgoing, writer }: Writing): Promise<void> {
  const headers = answerHeaders(call, routed, done);
  const { answer: given } = done;
  switch (given.kind) {
    case 'whole':
      return sendBytes(outgoing, given.bytes, headers);
    case 'stream':
      writer?.open(headers);
      return await writer?.pump(given.events);
    case 'raw':
      outgoing.writeHead(given.status, headers);
      return await pumpBytes(outgoing, given.chunks);
  }
}

/** Aborts when the socket closes before the answer is complete: the caller hung up, so the upstream must stop. */
function abortOnHangUp(outgoing: ServerResponse): AbortSignal {
  const controller = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  return controller.signal;
}
