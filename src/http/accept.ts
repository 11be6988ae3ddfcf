/** Makes a `Call` from an HTTP request. The only place that reads its headers. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Call, Caller, Operation } from '../core/call.ts';
import type { StateDeadline } from '../core/deadline.ts';
import { GatewayError, invalid } from '../core/errors.ts';
import type { LargeBodies } from '../core/large-bodies.ts';
import { LARGE_BODY_BYTES } from '../core/large-body.ts';
import { isObject, type JsonObject } from '../lib/json.ts';
import { HOP_HEADER, hopsIn } from '../core/hops.ts';
import type { TurnBarrier } from '../lib/turns.ts';
import type { Writable } from '../lib/writable.ts';
import type { JsonLimits } from './body/body-scan.ts';
import { readBody, requireReader } from './body/body.ts';
import type { BodyBytes } from './admission/buffers.ts';
import { refuseBadEscape, refuseClimbing } from './canonical-url.ts';
import { mediaTypeOf, rewrittenQuery } from './carried/channels.ts';
import { isJson, readPayload, type ReadPayload } from './body/read-payload.ts';

export interface AcceptTools {
  readonly limits: JsonLimits & { readonly maxBodyBytes: number; readonly totalMs: number };
  readonly newId: () => string;
  readonly epochMs: () => number;
  readonly nowMs: () => number;
  /** Starts the request's deadline for shared state. */
  readonly stateDeadline: () => StateDeadline;
  /** The same for what a request asks for itself, in place of reading it by the way: a stored response. */
  readonly storedDeadline: () => StateDeadline;
  /** Bodies that arrive in one turn of the event loop are parsed and judged together. */
  readonly bodyTurns: TurnBarrier;
  readonly largeBodies: LargeBodies;
}

/** The caller's headers that are forwarded. Credentials, cookies and hop-by-hop headers never are. */
const FORWARDED = [
  'openai-beta',
  'anthropic-version',
  'anthropic-beta',
  'idempotency-key',
  'x-client-request-id',
  'accept',
] as const;

/** The caller before authentication. */
export const ANONYMOUS: Caller = { name: 'unknown', labels: {}, mayOverride: false };

/** A Call from the request head alone, without a body. Records requests that are rejected before their body is read. */
export function callFromHead(
  incoming: IncomingMessage,
  operation: Operation,
  caller: Caller,
  tools: AcceptTools,
): Writable<Call> {
  const url = incoming.url ?? '/';
  const { headers } = incoming;
  const override = textOf(headers['x-smallfirst-route']);
  const hops = hopsIn(headerOf(incoming, HOP_HEADER));
  const session = textOf(headers['x-session-id']) ?? textOf(headers['x-conversation-id']);
  const call: Writable<Call> = {
    id: tools.newId(),
    operation,
    method: incoming.method ?? 'GET',
    path: pathOf(url, operation),
    requestedModel: '',
    stream: false,
    wantsUsage: false,
    body: {},
    payload: NO_BYTES,
    contentType: mediaTypeOf(headers['content-type'] ?? ''),
    forwardHeaders: forwardable(incoming),
    caller,
    receivedAtMs: tools.epochMs(),
    startedMs: tools.nowMs(),
    stateDeadline: tools.stateDeadline(),
  };
  if (override !== undefined) call.override = override;
  if (session !== undefined) call.session = session;
  if (hops !== undefined) call.hops = hops;
  if (headers['x-smallfirst-verify'] === 'off') call.wantsNoCheck = true;
  return Object.assign(call, seldomSaid(incoming));
}

/** Members that few requests have: each is made only if its header is there. */
function seldomSaid(incoming: IncomingMessage): Partial<Call> | undefined {
  const { headers } = incoming;
  const isSaid =
    headers['x-smallfirst-deadline-ms'] !== undefined ||
    headers['x-stainless-timeout'] !== undefined ||
    headers['cache-control'] !== undefined ||
    headers['x-smallfirst-usage'] !== undefined ||
    headers['traceparent'] !== undefined;
  if (!isSaid) return undefined;
  const said = { ...deadlineOf(incoming), ...cacheControlOf(incoming), ...traced(incoming) };
  return headers['x-smallfirst-usage'] === 'cost' ? { ...said, wantsCost: true } : said;
}

const NO_BYTES = Buffer.alloc(0);

/** The path below an OpenAI client's base URL, with its query; the canonical path for routes of this gateway. */
function pathOf(url: string, operation: Operation): string {
  if (operation === 'passthrough') return url.startsWith('/v1/') ? url.slice(3) : url;
  const query = url.indexOf('?');
  return query === -1 ? PATHS[operation] : PATHS[operation] + url.slice(query);
}

const PATHS: Readonly<Record<Exclude<Operation, 'passthrough'>, string>> = {
  chat: '/chat/completions',
  text_completion: '/completions',
  embeddings: '/embeddings',
  responses: '/responses',
  messages: '/messages',
};

interface Accepting {
  /** The model in the path, for a body without one. */
  readonly namedModel?: string | undefined;
  /** Counts the body's bytes towards `limits.maxBufferedBytes`. */
  readonly buffered?: BodyBytes | undefined;
}

/**
 * Reads and checks the body, a large one in a thread, and completes the call with it.
 * @throws GatewayError `caller_*`
 */
export async function accept(
  incoming: IncomingMessage,
  call: Writable<Call>,
  { limits, bodyTurns, largeBodies }: Pick<AcceptTools, 'limits' | 'bodyTurns' | 'largeBodies'>,
  { namedModel, buffered }: Accepting = {},
): Promise<Call> {
  const { contentType, operation, path } = call;
  refuseUnknownWish(incoming);
  if (operation === 'passthrough') {
    refuseBadEscape(path);
    refuseClimbing(path);
  } else requireJson(contentType);
  const json = isJson(contentType) ? limits : undefined;
  const reading = { json, buffered, turns: bodyTurns, caller: call.caller.name };
  const given = await readBody(incoming, limits.maxBodyBytes, reading);
  const turn = buffered?.turn();
  if (turn !== undefined) {
    await turn;
    requireReader(incoming);
  }
  if (path.includes('?')) call.path = rewrittenQuery(path);
  const options = { maxDepth: limits.maxDepth, namedModel };
  if (given.length < LARGE_BODY_BYTES) return withBody(call, readPayload(given, call, options));
  const read = await largeBodies.read(given, call, options);
  buffered?.onJudged(read.forget);
  requireReader(incoming);
  call.large = read.large;
  return withBody(call, read);
}

function asksUsage({ stream_options: options }: JsonObject): boolean {
  return isObject(options) && options['include_usage'] === true;
}

function withBody(call: Writable<Call>, { payload, body }: ReadPayload): Call {
  const requestedModel = typeof body['model'] === 'string' ? body['model'].trim() : '';
  checkLength(requestedModel, 'model');
  checkLength(call.override ?? '', 'X-Smallfirst-Route');
  call.payload = payload;
  call.body = body;
  call.requestedModel = requestedModel;
  call.stream = body['stream'] === true;
  call.wantsUsage = call.operation !== 'passthrough' && asksUsage(body);
  return call;
}

/** Characters of a name that the caller chooses and the record keeps. */
const LONGEST_NAME = 256;

function checkLength(name: string, param: string): void {
  if (name.length <= LONGEST_NAME) return;
  throw invalid(
    param,
    `The name of a model has ${LONGEST_NAME} characters at most; this one has ${name.length}.`,
  );
}

/** A missing type counts as JSON. */
function requireJson(contentType: string): void {
  if (contentType === '' || /^application\/([\w.-]+\+)?json\b/i.test(contentType)) return;
  throw new GatewayError(
    'caller_media_type',
    `Content-Type '${contentType.slice(0, 60)}' is not supported here. Send 'Content-Type: application/json'.`,
  );
}

/** The caller's own header, else the timeout that OpenAI's SDKs send, in seconds, which ends for them with the first byte of a stream. */
function deadlineOf(
  incoming: IncomingMessage,
): Pick<Call, 'deadlineMs' | 'deadlineIsForFirstByte'> {
  const own = milliseconds(headerOf(incoming, 'x-smallfirst-deadline-ms'), 1);
  if (own !== undefined) return { deadlineMs: own };
  const deadlineMs = milliseconds(headerOf(incoming, 'x-stainless-timeout'), 1000);
  return deadlineMs === undefined ? {} : { deadlineMs, deadlineIsForFirstByte: true };
}

/** An unknown value is refused, not ignored: without it the gateway would do the opposite of what was asked. */
function refuseUnknownWish(incoming: IncomingMessage): void {
  for (const { header, only, saidIn } of WISHES) {
    const said = textOf(saidIn(incoming.headers));
    if (said === undefined || said === only) continue;
    throw new GatewayError(
      'caller_invalid',
      `${header} is '${said.slice(0, 40)}'. Send '${only}', or leave it out.`,
      { param: header },
    );
  }
}

interface Wish {
  readonly header: string;
  readonly only: string;
  /** By a constant name a header is looked up where it stands; by names that come in turn each is searched for. */
  readonly saidIn: (headers: IncomingHttpHeaders) => string | string[] | undefined;
}

const WISHES: readonly Wish[] = [
  {
    header: 'X-Smallfirst-Verify',
    only: 'off',
    saidIn: (headers) => headers['x-smallfirst-verify'],
  },
  {
    header: 'X-Smallfirst-Usage',
    only: 'cost',
    saidIn: (headers) => headers['x-smallfirst-usage'],
  },
];

function cacheControlOf({ headers }: IncomingMessage): Pick<Call, 'cacheControl'> {
  const said = headers['cache-control'];
  if (said === undefined) return {};
  if (/\bno-store\b/i.test(said)) return { cacheControl: 'no-store' };
  return /\bno-cache\b/i.test(said) ? { cacheControl: 'no-cache' } : {};
}

function milliseconds(text: string | undefined, unitMs: number): number | undefined {
  const ms = Number(text) * unitMs;
  return ms > 0 && Number.isFinite(ms) ? ms : undefined;
}

const headerOf = (incoming: IncomingMessage, name: string): string | undefined =>
  textOf(incoming.headers[name]);

const textOf = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** W3C Trace Context, level 1: hexadecimal digits in lower case; all zeros stand for none. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?=-|$)/;

/** A later version may have more fields: those of this version are kept. */
function traced(incoming: IncomingMessage): Pick<Call, 'traceparent'> {
  const [known] = TRACEPARENT.exec(headerOf(incoming, 'traceparent') ?? '') ?? [];
  return known === undefined ? {} : { traceparent: known };
}

function forwardable(incoming: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name of FORWARDED) {
    const value = headerOf(incoming, name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
