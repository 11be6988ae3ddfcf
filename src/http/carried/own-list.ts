/** Answers a list request with those of the account's objects that belong to the caller, page by page. */
import type { ServerResponse } from 'node:http';
import type { Call } from '../../core/call.ts';
import { GatewayError, invalid } from '../../core/errors.ts';
import { objectsIn, textIn, type JsonObject } from '../../lib/json.ts';
import { allKnown } from '../../lib/soon.ts';
import { idsMade } from '../../wire/object-ids.ts';
import type { HttpParts } from '../parts.ts';
import { pumpBytes } from '../answer/stream.ts';
import { readJson } from '../../lib/json-chunks.ts';
import { sendJson, type Headers } from '../answer/send.ts';
import type { Held } from './ownership.ts';

/** OpenAI's page where none is asked for, and its largest. */
const USUAL_PAGE = 20;
const LARGEST_PAGE = 100;
/** The most pages that are read for one answer: an account of 10,000 objects. */
const MAX_PAGES = 100;

export interface AskingList {
  readonly call: Call;
  readonly held: Held;
  readonly abort: AbortSignal;
  readonly outgoing: ServerResponse;
}

/** @throws GatewayError, also for a cursor that is not the caller's */
export async function answerOwnList(asking: AskingList, parts: HttpParts): Promise<void> {
  const { call, held, outgoing } = asking;
  const [path = '', search = ''] = call.path.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const wanted = limitOf(query.get('limit'));
  await checkCursors(query, held);
  query.set('limit', String(LARGEST_PAGE));
  const found: JsonObject[] = [];
  let isMore = true;
  for (let page = 0; isMore && found.length <= wanted && page < MAX_PAGES; page += 1) {
    const id = page === 0 ? call.id : parts.newId();
    const given = await pageOf({ ...call, id, path: `${path}?${String(query)}` }, asking, parts);
    if (given === undefined) return;
    found.push(...(await ownAmong(given, held)));
    isMore = given.next !== undefined;
    query.set('after', given.next ?? '');
  }
  const listed = listOf(found.slice(0, wanted), found.length > wanted || isMore);
  sendJson(outgoing, listed, { 'x-request-id': call.id });
}

async function checkCursors(query: URLSearchParams, held: Held): Promise<void> {
  if (query.has('before')) throw invalid('before', "'before' is not served here; use 'after'.");
  const after = query.get('after') ?? '';
  if (after !== '') await held.require(after);
}

async function ownAmong({ data, upstream }: Page, held: Held): Promise<readonly JsonObject[]> {
  const isOwn = await allKnown(data.map((item) => held.isOwn(textIn(item['id']))));
  const own = data.filter((_, at) => isOwn[at] === true);
  for (const item of own) held.own(idsMade(item), upstream);
  return own;
}

const listOf = (data: readonly JsonObject[], isMore: boolean): JsonObject => ({
  object: 'list',
  data,
  first_id: data[0]?.['id'] ?? null,
  last_id: data.at(-1)?.['id'] ?? null,
  has_more: isMore,
});

interface Page {
  readonly data: readonly JsonObject[];
  /** The cursor of the next one; undefined for the last. */
  readonly next: string | undefined;
  readonly upstream: string;
}

/** Undefined where the cloud refused, in its own words. */
async function pageOf(
  call: Call,
  { held, abort, outgoing }: AskingList,
  parts: HttpParts,
): Promise<Page | undefined> {
  const routed = await parts.gateway.route(call);
  const { answer, target } = await routed.answer(abort);
  if (answer.kind !== 'raw') throw unreadable();
  const shown = held.keep(answer, target.upstream, undefined);
  if (answer.status >= 300 && shown.kind === 'raw') {
    const headers: Headers = { ...shown.headers, 'x-request-id': call.id };
    outgoing.writeHead(answer.status, headers);
    await pumpBytes(outgoing, shown.chunks);
    return undefined;
  }
  const { body } = await readJson(answer.chunks);
  if (body === undefined || !Array.isArray(body['data'])) throw unreadable();
  const data = objectsIn(body['data']);
  const last = textIn(data.at(-1)?.['id']);
  const next = body['has_more'] === true && last !== '' ? last : undefined;
  return { data, next, upstream: target.upstream };
}

const unreadable = (): GatewayError =>
  new GatewayError('upstream_bad_answer', 'The cloud answered with no list that could be read.');

function limitOf(given: string | null): number {
  if (given === null) return USUAL_PAGE;
  const limit = Number(given);
  if (Number.isInteger(limit) && limit >= 1) return Math.min(limit, LARGEST_PAGE * MAX_PAGES);
  throw invalid(
    'limit',
    `'limit' must be a whole number of 1 or more, not '${given.slice(0, 20)}'.`,
  );
}
