/**
 * Keeps callers from each other's objects at the cloud, whose account is the operator's: what a request names must be its
 * caller's, and what an answer makes becomes it. An id that was never seen is refused like another's: the cloud is not asked.
 */
import { createHash } from 'node:crypto';
import type { CarriedRoute } from '../../core/carried.ts';
import type { Call } from '../../core/call.ts';
import { GatewayError, UpstreamError } from '../../core/errors.ts';
import type { KeptContents, ObjectContents } from '../../core/object-contents.ts';
import { mayUse, ownerOf, type Owners } from '../../core/owners.ts';
import type { Answer, AnswerHeaders } from '../../core/upstream.ts';
import { isObject } from '../../lib/json.ts';
import { allKnown, whenKnown, type Soon } from '../../lib/soon.ts';
import { idsIn, type NamedId } from '../../wire/object-ids.ts';
import { previousResponseNotFound } from '../../wire/response-not-found.ts';
import { carriedTable, type CarriedMatch } from './carried-table.ts';
import { formFields } from '../body/form-fields.ts';
import { keepObjects } from './kept-objects.ts';
import { changedBy, keeping, keptOf, putInto, type OwnObject } from './object-contents.ts';
import { CARRIED } from '../routes/carried.ts';

export interface Ownership {
  /**
   * Undefined where nothing is refused and nothing kept. The operator's own key, and everybody in open mode, is held to nothing:
   * what they make and change is kept, so that its contents are known.
   * @throws GatewayError as for an id, or a route, that never was
   */
  hold(call: Call): Soon<Held | undefined>;
}

/** A call that names nothing of another's. */
export interface Held {
  readonly call: Call;
  /** The account is the caller's own: what the cloud says of it is shown. */
  readonly hasAccount: boolean;
  /** The answer is a list, of which the caller gets its own. */
  readonly isList: boolean;
  /** Whose an object is. @throws GatewayError for one that is not the caller's */
  require(id: string): Soon<void>;
  isOwn(id: string): Soon<boolean>;
  /** These are the caller's from now on. */
  own(ids: readonly string[], upstream: string): void;
  /**
   * To be awaited before the call is sent: what it puts more into is known to hold that too.
   * @returns what objects hold that it makes
   * @throws GatewayError where that cannot be kept
   */
  putIn(contents: ObjectContents | undefined): Soon<KeptContents | undefined>;
  /** The answer as the caller may see it; what it makes becomes the caller's as it passes. */
  keep(answer: Answer, upstream: string, contents: KeptContents | undefined): Answer;
}

interface Options {
  readonly owners: Owners;
  /** Routes of other clouds. */
  readonly more: readonly CarriedRoute[];
  /** An id of this gateway's own: whose it is, is known elsewhere. */
  readonly isOurs: (id: string) => boolean;
  /** How texts are read now. */
  readonly reading: string;
  /** Everybody is the operator. */
  readonly isOpen: boolean;
}

export function createOwnership(options: Options): Ownership {
  const { owners, more, isOurs, isOpen } = options;
  const find = carriedTable([...more, ...CARRIED]);
  const moreMembers = new Set(more.flatMap(({ ids = [] }) => ids));
  return {
    hold: (call) => {
      const { caller } = call;
      const match = call.operation === 'passthrough' ? find(call.method, call.path) : undefined;
      if (isOpen || caller.account === true) return ofAccount(call, match, options);
      if (call.operation === 'passthrough' && match === undefined) throw unknownRoute(call);
      const isOwn = (id: string): Soon<boolean> =>
        whenKnown(owners.of(id), (owned) => owned !== undefined && mayUse(caller, owned));
      const require = (id: string): Soon<void> => {
        if (isOurs(id)) return;
        return whenKnown(isOwn(id), (is) => {
          if (!is) throw notFound('object', id);
        });
      };
      const inPath = (match?.ids ?? []).map(({ kind, id }): NamedId => ({ member: kind, id }));
      const named = [...inPath, ...namedIds(call, moreMembers)];
      const own = owning(call, owners);
      const held: Held = {
        call: withOwnIdempotencyKey(call),
        hasAccount: false,
        isList: match?.row.lists === true,
        require,
        isOwn,
        own: (ids, upstream) => {
          for (const id of ids) own(id, upstream, undefined);
        },
        putIn: (contents) => putIn(call, match, contents, options),
        keep: (answer, upstream, contents) => {
          const shown = { ...answer, headers: withoutAccount(answer.headers) };
          const makes = match === undefined ? makesObjects(call) : match.row.makes === true;
          const kept = call.method === 'POST' ? contents : undefined;
          return makes ? keepObjects(shown, keeping(own, upstream, kept)) : shown;
        },
      };
      if (named.length === 0) return held;
      // All are asked for before one is refused: a promise that nobody awaits would end the process where it is rejected.
      return whenKnown(allKnown(named.map(({ id }) => isOurs(id) || isOwn(id))), (areOwn) => {
        const foreign = named[areOwn.indexOf(false)];
        if (foreign !== undefined) throw notFound(foreign.member, foreign.id);
        return held;
      });
    },
  };
}

const owning =
  ({ caller }: Call, owners: Owners): OwnObject =>
  (id, upstream, contents) =>
    owners.own({ id, owner: ownerOf(caller), upstream, ...(contents && { contents }) });

function putIn(
  call: Call,
  match: CarriedMatch | undefined,
  contents: ObjectContents | undefined,
  { owners, reading }: Options,
): Soon<KeptContents | undefined> {
  return putInto(changedBy(call, match), keptOf(contents, match, reading), owners);
}

/** Held to nothing, and stored by nobody else: responses are, by who answers them. */
function ofAccount(
  call: Call,
  match: CarriedMatch | undefined,
  options: Options,
): Held | undefined {
  const makes = call.method === 'POST' && match?.row.makes === true;
  if (!makes && changedBy(call, match).length === 0) return undefined;
  const own = owning(call, options.owners);
  return {
    call,
    hasAccount: true,
    isList: false,
    require: () => {},
    isOwn: () => true,
    own: () => {},
    putIn: (contents) => putIn(call, match, contents, options),
    keep: (answer, upstream, contents) =>
      makes ? keepObjects(answer, keeping(own, upstream, contents)) : answer,
  };
}

/** Of what is answered here: every response, and what was asked to be stored or spoken. */
function makesObjects({ operation, body }: Call): boolean {
  if (operation === 'chat') return body['store'] === true || body['audio'] !== undefined;
  return operation === 'responses' || operation === 'messages';
}

/** One of these stands in every body that names an object, unless it is written with escapes. */
const TRACES = ['_id', 'container', 'conversation', 'audio', 'item_ref', '_file', '\\u'];

function hasTraces(payload: Buffer): boolean {
  // As one text: seven searches of it cost less than one by an expression, or each of the bytes.
  const text = payload.toString('latin1');
  return TRACES.some((trace) => text.includes(trace));
}

function namedIds(call: Call, more: ReadonlySet<string>): Iterable<NamedId> {
  const { path, payload, operation } = call;
  const isPlain = operation !== 'passthrough' && more.size === 0 && !path.includes('?');
  return isPlain && !hasTraces(payload) ? NONE : searched(call, more);
}

const NONE: readonly NamedId[] = [];

function* searched(call: Call, more: ReadonlySet<string>): Iterable<NamedId> {
  const { path, payload, body, operation } = call;
  const query = path.split(/\?(.*)/s)[1];
  if (query !== undefined) yield* idsIn(Object.fromEntries(new URLSearchParams(query)), more);
  if (payload.length === 0) return;
  if (operation === 'passthrough') {
    const fields = formOf(call);
    for (const { name, value } of fields ?? []) yield* idsIn({ [name]: value }, more);
    if (fields?.some(({ name, value }) => name === 'purpose' && value === 'batch') === true)
      yield* idsOfLines(payload, more);
    if (path.startsWith('/uploads') && body['purpose'] === 'batch') throw batchInParts();
  }
  yield* idsIn(body, more);
}

/** Each line of a batch is a request that the cloud will answer: what it names must be the caller's too. */
function* idsOfLines(payload: Buffer, more: ReadonlySet<string>): Iterable<NamedId> {
  for (const line of payload.toString('utf8').split('\n')) {
    if (!line.startsWith('{')) continue;
    try {
      const request: unknown = JSON.parse(line);
      if (isObject(request)) yield* idsIn(request, more);
    } catch (cause) {
      throw new GatewayError('caller_bad_json', 'A line of the batch is not JSON.', { cause });
    }
  }
}

const batchInParts = (): GatewayError =>
  new GatewayError('caller_invalid', 'Send the file of a batch to /v1/files as a whole.', {
    param: 'purpose',
  });

/** The fields of a form; undefined for JSON. @throws GatewayError for what is neither, or cannot be read */
function formOf({ payload, contentType, body }: Call) {
  if (/^multipart\/form-data\b/i.test(contentType)) return formFields(payload, contentType);
  if (contentType !== '' && !/^application\/([\w.-]+\+)?json\b/i.test(contentType)) {
    throw new GatewayError(
      'caller_media_type',
      `Content-Type '${contentType.slice(0, 60)}' is not carried for keys. Send JSON or a form.`,
    );
  }
  if (Object.keys(body).length === 0 && payload.toString('utf8').trim() !== '{}')
    throw new GatewayError('caller_bad_json', 'The body is not a JSON object, or too deep.');
  return undefined;
}

function notFound(kind: string, id: string): GatewayError {
  const shown = id.slice(0, 80);
  if (kind === 'previous_response_id') {
    const { message, param, code } = previousResponseNotFound(shown);
    return new GatewayError('caller_invalid', message, { param: param ?? kind, wireCode: code });
  }
  const words =
    kind === 'response'
      ? `Response with id '${shown}' not found.`
      : `No such ${kind.replace(/_ids?$/, '').replaceAll('_', ' ')}: '${shown}'.`;
  return new GatewayError('caller_not_found', words, { wireCode: null });
}

const unknownRoute = ({ method, path }: Call): GatewayError =>
  new GatewayError(
    'caller_unknown_route',
    `Invalid URL (${method} /v1${path.split('?', 1)[0]}). Keys may ask the routes of objects that have an owner; for others the key needs \`account: true\`, or the route a row of \`carried\` in the configuration.`,
    { wireCode: 'unknown_url' },
  );

/** Two callers that choose the same key are two to the cloud as well, and neither sees the other's answer. */
function withOwnIdempotencyKey(call: Call): Call {
  const given = call.forwardHeaders['idempotency-key'];
  if (given === undefined) return call;
  const digest = createHash('sha256').update(JSON.stringify([call.caller.name, given]));
  const forwardHeaders = { ...call.forwardHeaders, 'idempotency-key': digest.digest('hex') };
  return { ...call, forwardHeaders };
}

/** The account's name, and what is left of its limits, are the operator's affair. */
const isAccounts = (name: string): boolean =>
  name === 'openai-organization' || name === 'openai-project' || name.startsWith('x-ratelimit-');

function withoutAccount(headers: AnswerHeaders): AnswerHeaders {
  if (!Object.keys(headers).some(isAccounts)) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !isAccounts(name)));
}

/** An upstream's refusal without what it says of the account. */
export function shownError(error: unknown): unknown {
  if (!(error instanceof UpstreamError)) return error;
  if (!Object.keys(error.headers).some(isAccounts)) return error;
  const { attemptCause, message, cause, wire, upstreamStatus } = error;
  return new UpstreamError(attemptCause, message, {
    cause,
    headers: withoutAccount(error.headers),
    ...(wire === undefined ? {} : { wire }),
    ...(upstreamStatus === undefined ? {} : { status: upstreamStatus }),
  });
}
