/** One call to one server: the request written, the answer checked and put into the port's shape. */
import type { Call } from '../../core/call.ts';
import { UpstreamError } from '../../core/errors.ts';
import { withoutMark } from '../../lib/byte-order-mark.ts';
import type { ByteBudget } from '../../lib/byte-budget.ts';
import { flowOf, readAll } from '../../lib/flow.ts';
import { isObject, type JsonObject } from '../../lib/json.ts';
import type { Answer, EventStream, StreamEvent, UpstreamRequest } from '../../core/upstream.ts';
import { changedMembers, spliceJson } from '../../lib/json-splice.ts';
import { whenKnown, type Soon } from '../../lib/soon.ts';
import { isLarge, nextStage, otherTurn } from '../../lib/turns.ts';
import type { Dialect } from '../dialects.ts';
import { readable } from '../text-input.ts';
import { outputWithinWindow } from '../dialects/chosen-model.ts';
import type { Members, Rewrite } from '../dialects/rewrites.ts';
import { membersRemoved } from '../left-out.ts';
import { decoded } from '../http/decoded.ts';
import { withLeftOut } from '../../wire/left-out.ts';
import { streamOfResponse } from '../../wire/response-to-stream.ts';
import { completeness } from '../../wire/stream-end.ts';
import { wholeBuilder } from '../../wire/stream-to-whole.ts';
import { streamOfWhole } from '../../wire/whole-to-stream.ts';
import { exchange, type Exchange, type ExchangeOptions } from '../http/exchange.ts';
import { visibleHeaders, mediaType, requestHeaders } from '../http/headers.ts';
import { answerChanges } from './answer-changes.ts';
import type { AskedScores } from './asked-scores.ts';
import { cleanedFailure } from './failed-response.ts';
import { bodyOf, holdsEvents, isEventStream, type AnswerBody } from './form.ts';
import { responseStamp } from './full-response.ts';
import { contentChanges, envelopeChanges, eventStamp } from './normalise.ts';
import { refusal, type RefusalContext } from './refusal.ts';
import { requestBody } from './request.ts';
import { rawAnswer } from './raw-answer.ts';
import type { ReasoningSeen } from './reasoning-seen.ts';
import type { Server } from './server.ts';
import { openStream } from './stream.ts';
import { TextForm } from './text-form.ts';
import { UsageLast } from './usage-last.ts';
import type { UsualRewrites } from './usual-rewrites.ts';
import {
  MAX_ERROR_BYTES,
  parseText,
  parseWhole,
  readErrorText,
  readWhole,
  requireAnswer,
  tooLarge,
  type ParsedWhole,
} from './whole.ts';

/** Options of one call. */
export interface SendOptions {
  readonly dialect: Dialect;
  /** Of the server, in tokens, where it is known. */
  readonly window: number | undefined;
  readonly asksUsage: boolean;
  /** Absent where nobody wants them. */
  readonly scores: AskedScores | undefined;
  /** Embeddings may be asked for in token numbers. */
  readonly takesTokens: boolean;
  readonly rewrites: UsualRewrites;
  /** Shown every answer: reasoning that this server did not write is left out of what it is sent. */
  readonly reasoning: ReasoningSeen;
  /** Shown every body that reports usage. What it gives back fails a whole answer; a stream has gone by. */
  readonly promptCheck: (body: JsonObject) => UpstreamError | undefined;
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Models that draw send each picture in one event: 1 to 4 MB of base64 today, several in one at worst. */
const MAX_EVENT_BYTES = 32 * 1024 * 1024;

/** @throws UpstreamError for anything but an answer, including a stream's first event. */
export async function sendTo(
  server: Server,
  request: UpstreamRequest,
  options: SendOptions,
  abort: AbortSignal,
): Promise<Answer> {
  const { call, model } = request;
  if (server.locality === 'local') refuseRemoteModel(server.name, model, options.dialect);
  const isCallersModel = namesModel(call, server.name, model);
  const rewrites = rewritesOf(call, options, isCallersModel);
  let changes: Members | undefined;
  const body = requestBody(options.takesTokens ? call : readable(call), {
    model,
    rewrites,
    asksUsage: options.asksUsage,
    onRewritten: (members) => {
      changes = members;
    },
  });
  const sending: ExchangeOptions = {
    upstream: server.name,
    method: call.method,
    path: server.pathOf(call),
    headers: requestHeaders(call, server.headersFor(call.caller)),
    body: body.length === 0 ? null : body,
    connectMs: server.timeouts.connectMs,
    firstByteMs: call.stream ? server.timeouts.firstByteMs : server.timeouts.wholeMs,
    idleMs: server.timeouts.idleMs,
    abort,
    isSentOnce: request.isSentOnce,
    isOnFresh: request.isOnFresh,
    isWhole: !call.stream && call.operation !== 'passthrough',
    turns: request.answerTurns,
    egress: request.egress,
  };
  // The system's code for writing would drive that of the requests out of the caches.
  await nextStage;
  const given = await exchange(server.connections, sending);
  if (call.operation === 'passthrough') return await rawAnswer(given, call, server);
  const from = decoded(given, server.name);
  const context: RefusalContext = {
    upstream: server.name,
    locality: server.locality,
    isCallersModel,
    headers: withLeftOut(visibleHeaders(from.headers, 'read'), membersRemoved(call.body, changes)),
    clean: server.clean,
  };
  if (from.status < 200 || from.status >= 300) throw await refused(from, context);
  const reading = { call, model, context, options, memory: server.memory };
  if (call.stream) return await streamAnswer(from, reading);
  const whole = wholeAnswer(from, reading);
  return whole instanceof Promise ? await whole : whole;
}

/**
 * Refuses a model that a local server forwards to other machines: local-only requests would leave.
 */
function refuseRemoteModel(upstream: string, model: string, { remoteModelPattern }: Dialect): void {
  if (remoteModelPattern?.test(model) !== true) return;
  throw new UpstreamError(
    'withheld',
    `'${model}' runs on other machines, and '${upstream}' is configured as local; nothing was sent. Configure it as an upstream of its own with locality: cloud.`,
  );
}

/** Whether the caller named this very model, alone or as the upstream's. */
function namesModel({ override, requestedModel }: Call, upstream: string, model: string): boolean {
  const name = override ?? requestedModel;
  return name === model || name === `${upstream}/${model}`;
}

/** What this server reads differently, and what the model refuses where its caller could not know. */
function rewritesOf(
  { operation, payload }: Call,
  { dialect, rewrites, window, scores }: SendOptions,
  isCallersModel: boolean,
): readonly Rewrite[] {
  const usual = rewrites(operation, dialect, isCallersModel);
  if (operation !== 'chat' && operation !== 'text_completion') return usual;
  const isFitted = !isCallersModel && dialect.refusesLongOutput && window !== undefined;
  const fitted = isFitted ? [...usual, outputWithinWindow(window, payload.length)] : usual;
  return scores?.rewrite === undefined ? fitted : [...fitted, scores.rewrite];
}

interface AnswerContext {
  readonly call: Call;
  /** The model that was asked for. */
  readonly model: string;
  readonly context: RefusalContext;
  readonly options: SendOptions;
  readonly memory: ByteBudget | undefined;
}

async function refused(from: Exchange, context: RefusalContext): Promise<UpstreamError> {
  return refusal(from.status, await readErrorText(from, MAX_ERROR_BYTES), context);
}

type WholeAnswer = Extract<Answer, { kind: 'whole' }>;

const wholeAnswer = (from: Exchange, reading: AnswerContext): Soon<WholeAnswer> =>
  mediaType(from.headers) === 'text/event-stream'
    ? sniffedAnswer(from, reading)
    : readAnswer(from, reading);

const sniffedAnswer = async (from: Exchange, reading: AnswerContext): Promise<WholeAnswer> =>
  (await isEventStream(from)) ? await addedUp(from, reading) : await readAnswer(from, reading);

/** An answer in one piece, or a stream that was called one. */
function readAnswer(from: AnswerBody, reading: AnswerContext): Soon<WholeAnswer> {
  const { context, memory } = reading;
  const whole = readWhole(from, MAX_ANSWER_BYTES, context.upstream, memory);
  return whenKnown(whole, (bytes) => answerIn(bytes, reading));
}

function answerIn(sent: Buffer, reading: AnswerContext): Soon<WholeAnswer> {
  const bytes = withoutMark(sent);
  if (holdsEvents(bytes)) return addedUp(bodyOf(bytes), reading);
  if (isLarge(bytes.length)) return largeAnswer(bytes, reading);
  return asAsked(parseWhole(bytes, reading.context), reading);
}

/** The same in steps between which others are served. */
async function largeAnswer(bytes: Buffer, reading: AnswerContext): Promise<WholeAnswer> {
  await otherTurn();
  const text = bytes.toString('utf8');
  await otherTurn();
  const parsed = parseText(bytes, text, reading.context);
  await otherTurn();
  const answer = asAsked(parsed, reading);
  await otherTurn();
  return answer;
}

/** A stream that nobody asked for, put together. */
async function addedUp(from: AnswerBody, reading: AnswerContext): Promise<WholeAnswer> {
  const { call, context } = reading;
  const events = await openEvents(from, reading, { wantsUsage: true });
  const builder = wholeBuilder(call.operation);
  let size = 0;
  await readAll(events, ({ bytes, data }) => {
    size += bytes.length;
    if (size > MAX_ANSWER_BYTES) throw tooLarge(context.upstream, MAX_ANSWER_BYTES);
    if (data !== undefined) builder.add(data);
  });
  const body = builder.whole();
  return asAsked({ bytes: Buffer.from(JSON.stringify(body)), body }, reading);
}

/** The answer with what the server left out or said in its own way. */
function asAsked({ bytes, body: given }: ParsedWhole, reading: AnswerContext): WholeAnswer {
  const { call, model, context, options } = reading;
  const body = takerOf(reading)?.(given) ?? given;
  requireAnswer(body, call.operation, context);
  options.reasoning.observe(body, model);
  const cut = options.promptCheck(body);
  if (cut !== undefined) throw cut;
  const { isNormalised, hasUniqueIds } = options.dialect;
  const mended = {
    ...envelopeChanges(body, { call, model, hasUniqueIds }),
    ...answerChanges(body, call, { model, upstream: context.upstream }),
  };
  const changes = isNormalised
    ? { ...mended, ...contentChanges({ ...body, ...mended }, call) }
    : mended;
  const { headers } = context;
  if (body === given && Object.keys(changes).length === 0)
    return { kind: 'whole', headers, bytes, body };
  const changed = { ...body, ...changes };
  const texts = changedMembers(given, changed);
  return { kind: 'whole', headers, bytes: spliceJson(bytes, texts), body: changed };
}

/** What takes out of an answer what its caller is not to see; undefined where that is nothing. */
function takerOf({ call, context, options }: AnswerContext) {
  const { clean } = context;
  if (call.operation !== 'responses' || clean === undefined) return options.scores?.take;
  return (data: JsonObject) => cleanedFailure(data, clean);
}

async function streamAnswer(from: Exchange, reading: AnswerContext): Promise<Answer> {
  const { call, context } = reading;
  const events = (await isEventStream(from))
    ? await openEvents(from, reading, call)
    : flowOf(streamOf((await readAnswer(from, reading)).body, call));
  return { kind: 'stream', headers: context.headers, events };
}

/** A whole answer in place of the stream that was asked for. */
const streamOf = (body: JsonObject, { operation, wantsUsage }: Call): readonly StreamEvent[] =>
  operation === 'responses'
    ? streamOfResponse(body)
    : streamOfWhole(body, { isChat: operation === 'chat', wantsUsage });

function openEvents(
  from: AnswerBody,
  reading: AnswerContext,
  { wantsUsage }: Pick<Call, 'wantsUsage'>,
): Promise<EventStream> {
  const { call, model, context, options } = reading;
  const taken = takerOf(reading);
  const { hasUniqueIds } = options.dialect;
  return openStream(from, {
    context,
    completeness: completeness(call.operation, call.id, call.body),
    wantsUsage,
    maxEventBytes: call.operation === 'responses' ? MAX_ANSWER_BYTES : MAX_EVENT_BYTES,
    replaced:
      call.operation === 'responses'
        ? responseStamp(call.body)
        : eventStamp({ call, model, hasUniqueIds }),
    onUsage: options.promptCheck,
    ...(taken === undefined ? textFormOf(call) : { taken }),
    ...(wantsUsage && !wantsEachUsage(call) ? { usageLast: new UsageLast() } : {}),
    onData: (data) => options.reasoning.observe(data, model),
  });
}

/** vLLM's, whose caller asks for what there is so far. */
const wantsEachUsage = ({ body: { stream_options: options } }: Call): boolean =>
  isObject(options) && options['continuous_usage_stats'] === true;

const textFormOf = ({ operation }: Call): { readonly textForm?: TextForm } =>
  operation === 'chat' ? { textForm: new TextForm() } : {};
