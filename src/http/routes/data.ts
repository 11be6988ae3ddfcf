/** The routes that an upstream answers; all share one path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Call, Operation } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ExecutionResult } from '../../engine/outcome.ts';
import type { Routed } from '../../engine/gateway.ts';
import { askingOf } from '../admission/admission.ts';
import type { Admitted } from '../admission/place.ts';
import { accept, ANONYMOUS, callFromHead } from '../accept.ts';
import { isLoop } from '../../core/hops.ts';
import { nextStage } from '../../lib/turns.ts';
import type { Writable } from '../../lib/writable.ts';
import { callerOf } from '../callers/auth.ts';
import type { BodyBytes } from '../admission/buffers.ts';
import { shownError, type Held } from '../carried/ownership.ts';
import { answerOwnList, type AskingList } from '../carried/own-list.ts';
import { answerHeaders, earlyHeaders } from '../answer/headers.ts';
import { sendError, sendJson, type Headers } from '../answer/send.ts';
import { isLimited, type Passage } from '../callers/rate-limiter.ts';
import { mayBeRetry, type Claim } from '../answer/idempotency.ts';
import { timeLimit, type TimeLimit } from '../answer/time-limit.ts';
import { eventWriter, type EventWriter } from '../answer/stream.ts';
import { write } from '../answer/write.ts';
import type { HttpParts } from '../parts.ts';
import { asked } from './asked.ts';
import { withHistory } from './history.ts';

/** Answers a request, and leaves its record. `model`: from the path. */
export type AnswerRequest = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  model?: string,
) => Promise<void>;

/** What is answered here where no upstream does. */
export type Otherwise = (call: Call) => Promise<object>;

export function answerOf(
  operation: Operation,
  parts: HttpParts,
  otherwise?: Otherwise,
): AnswerRequest {
  return async (incoming, outgoing, model) => {
    const call = callFromHead(incoming, operation, ANONYMOUS, parts);
    const entering = enteringWith(call, incoming, outgoing);
    try {
      await enter(entering, call, model, parts);
    } catch (error) {
      leave(entering);
      parts.gateway.reject(entering.call, error);
      parts.readLater(incoming, outgoing, error);
      sendError(outgoing, error, { 'x-request-id': call.id });
      return;
    }
    try {
      if (entering.claim?.kind === 'joined') parts.gateway.joined(entering.call);
      else await answer(entering, destinationOf(entering, parts), parts, otherwise);
    } finally {
      leave(entering);
    }
  };
}

function leave({ admitted, passage, buffered }: Entering): void {
  buffered?.release();
  admitted?.leave();
  passage?.leave();
}

/** A request on its way in, and what it has to give back. */
interface Entering {
  readonly incoming: IncomingMessage;
  /** The connection of the caller itself. */
  readonly reader: ServerResponse;
  call: Call;
  passage: Passage | undefined;
  admitted: Admitted | undefined;
  buffered: BodyBytes | undefined;
  /** Absent where everything is the caller's. */
  held: Held | undefined;
  claim: Claim | undefined;
}

const enteringWith = (call: Call, incoming: IncomingMessage, reader: ServerResponse): Entering => ({
  incoming,
  reader,
  call,
  passage: undefined,
  admitted: undefined,
  buffered: undefined,
  held: undefined,
  claim: undefined,
});

/**
 * @param call that of `entering`, which is completed here
 * @param model from the path
 * @throws GatewayError where it is refused before it is decided
 */
async function enter(
  entering: Entering,
  call: Writable<Call>,
  model: string | undefined,
  parts: HttpParts,
): Promise<void> {
  const { incoming, reader } = entering;
  if (call.hops !== undefined && isLoop(call.hops)) throw looped();
  const { auth } = parts;
  const changes = auth.changes();
  const known = callerOf(incoming, call.stateDeadline, parts);
  const caller = known instanceof Promise ? await known : known;
  call.caller = caller;
  if (isLimited(caller)) entering.passage = await parts.limiter.enter(caller, reader);
  const place = parts.admission.admit(caller.name, askingOf(incoming, reader));
  entering.admitted = place instanceof Promise ? await place : place;
  const buffered = parts.buffers.open(caller.name);
  entering.buffered = buffered;
  await accept(incoming, call, parts, { namedModel: model, buffered });
  // Its turn and its body may have taken minutes: a key that was revoked meanwhile asks nothing more.
  if (auth.changes() !== changes)
    call.caller = await callerOf(incoming, parts.stateDeadline(), parts);
  if (entering.passage !== undefined) await entering.passage.reserve(call);
  const whole = withHistory(call, parts);
  entering.call = whole instanceof Promise ? await whole : whole;
  const held = parts.ownership.hold(entering.call);
  entering.held = held instanceof Promise ? await held : held;
  if (entering.held !== undefined) entering.call = entering.held.call;
  if (mayBeRetry(incoming))
    entering.claim = await parts.idempotency.claim(entering.call, incoming, reader);
}

const looped = (): GatewayError =>
  new GatewayError(
    'gateway_loop',
    'This request comes from this gateway itself: one of its upstreams leads back to it. Mend the `url` of that upstream.',
  );

interface Destination {
  readonly outgoing: ServerResponse;
  readonly limit: TimeLimit;
  /** Absent where no other request may get this answer. */
  readonly claim: Extract<Claim, { kind: 'first' }> | undefined;
}

/** Where the answer is written: to the caller, or to all who ask for it. */
function destinationOf(
  { call, reader, claim }: Entering,
  { nowMs, limits }: HttpParts,
): Destination {
  const times = { nowMs, totalMs: limits.totalMs };
  if (claim?.kind !== 'first')
    return { outgoing: reader, limit: timeLimit(call, reader, times), claim: undefined };
  // It has every member that is used here.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const shared = claim.answer as unknown as ServerResponse;
  return { outgoing: shared, limit: timeLimit(withoutClientsTime(call), shared, times), claim };
}

/** A client that gives up after its own time-out asks again, and is joined to the answer that it gave up. */
function withoutClientsTime(call: Call): Call {
  if (call.deadlineIsForFirstByte !== true) return call;
  const { deadlineMs: _, ...rest } = call;
  return rest;
}

async function answer(
  entered: Entering,
  destination: Destination,
  parts: HttpParts,
  otherwise: Otherwise | undefined,
): Promise<void> {
  const { call, admitted, held } = entered;
  const { outgoing, limit } = destination;
  const abort = limit.signal;
  admitted?.endsBy(limit);
  if (held?.isList === true) return await answerList({ call, held, abort, outgoing }, parts);
  const routed = await routedOf(entered, destination, parts);
  if (routed === undefined) return;
  const early = (): Headers => earlyHeaders(call, routed);
  const writer = writerOf(call, destination, early, parts);
  try {
    const done = await asked(routed, { held, abort, isKnown: otherwise === undefined });
    admitted?.answered();
    if (call.stream) limit.begun();
    const headers = answerHeaders(call, routed, done);
    // The system's code for writing would drive that of the headers out of the caches.
    await nextStage;
    const writing = write(done.answer, headers, outgoing, writer);
    if (writing !== undefined) await writing;
    untilTaken(done, entered.reader, parts);
  } catch (error) {
    reportBug(error, call, parts);
    if (outgoing.headersSent) writer?.fail(error);
    else await sendOtherwise(outgoing, shownTo(held, error), { call, early, otherwise });
  } finally {
    limit.over();
  }
}

interface Unanswered {
  readonly call: Call;
  readonly early: () => Headers;
  readonly otherwise: Otherwise | undefined;
}

async function sendOtherwise(
  outgoing: ServerResponse,
  error: unknown,
  { call, early, otherwise }: Unanswered,
): Promise<void> {
  if (otherwise === undefined) return sendError(outgoing, error, early());
  try {
    sendJson(outgoing, await otherwise(call), early());
  } catch (refusal) {
    sendError(outgoing, refusal, early());
  }
}

const shownTo = (held: Held | undefined, error: unknown): unknown =>
  held?.hasAccount === false ? shownError(error) : error;

function untilTaken(
  { answer: given }: ExecutionResult,
  reader: ServerResponse,
  { buffers }: HttpParts,
): void {
  if (given.kind === 'whole') buffers.untilTaken(reader, given.bytes.byteLength);
}

/** Undefined where the answer is no stream of events. */
function writerOf(
  call: Call,
  { outgoing, limit }: Destination,
  early: () => Headers,
  { keepAliveMs }: HttpParts,
): EventWriter | undefined {
  if (!call.stream || call.operation === 'passthrough') return undefined;
  return eventWriter(outgoing, call.operation, { keepAliveMs, early, abort: limit.signal });
}

/** Undefined where it cannot even be decided, and the caller was told. */
async function routedOf(
  { call, buffered }: Entering,
  { outgoing, claim }: Destination,
  parts: HttpParts,
): Promise<Routed | undefined> {
  try {
    const routed = await parts.gateway.route(call);
    if (isPaid(routed)) claim?.share();
    else claim?.answer.endWithCallers();
    if (routed.decision.kind === 'refuse') claim?.forget();
    return routed;
  } catch (error) {
    reportBug(error, call, parts);
    sendError(outgoing, error, { 'x-request-id': call.id });
    claim?.forget();
    return undefined;
  } finally {
    buffered?.judged();
  }
}

/** Only what somebody is paid for goes on for a caller that may ask again. */
const isPaid = ({ decision }: Routed): boolean =>
  decision.kind === 'route' && decision.targets[0].locality === 'cloud';

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
