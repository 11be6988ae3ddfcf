/** The routes under `/v1/responses/{id}`, as functions of the store. */
import { GatewayError, invalid } from '../core/errors.ts';
import type { Deadline } from '../core/deadline.ts';
import { isOwnId } from '../core/own-ids.ts';
import type { JsonObject } from '../lib/json.ts';
import { whenKnown, type Soon } from '../lib/soon.ts';
import type { ResponseStore, StoredResponse, StoredResponses } from '../core/stored-responses.ts';
import { inlineHistory } from './inline-history.ts';

const DEFAULT_PAGE = 20;
const LARGEST_PAGE = 100;

export function storedResponses(store: ResponseStore): StoredResponses {
  const load = (caller: string, id: string, deadline: Deadline): Soon<StoredResponse> =>
    whenKnown(store.load(caller, id, deadline), (stored) => {
      if (stored === undefined) throw unknown(id);
      return stored;
    });
  return {
    inlineHistory: (call, deadline) => inlineHistory(call, store, deadline),
    isOwnedByOther: (caller, id, deadline) =>
      isOwnId(id) || store.isOwnedByOther(caller, id, deadline),
    retrieve: (caller, id, deadline) =>
      whenKnown(load(caller, id, deadline), ({ response }) => response),
    remove: (caller, id, deadline) =>
      whenKnown(store.remove(caller, id, deadline), (wasThere) => {
        if (!wasThere) throw unknown(id);
        return { id, object: 'response', deleted: true };
      }),
    inputItems: (caller, id, query, deadline) =>
      whenKnown(load(caller, id, deadline), ({ inputItems }) => page(inputItems, query)),
  };
}

const unknown = (id: string): GatewayError =>
  new GatewayError('caller_not_found', `Response with id '${id}' not found.`, { wireCode: null });

/** OpenAI's cursor paging: `limit` 1..100, `order` asc or desc, `after`: the last id of the previous page. */
function page(items: readonly JsonObject[], query: URLSearchParams): JsonObject {
  const limit = limitOf(query.get('limit'));
  const order = query.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') {
    throw invalid('order', `\`order\` is '${order}': write 'asc' or 'desc'.`);
  }
  const ordered = order === 'asc' ? items : items.toReversed();
  const after = query.get('after');
  const start = after === null ? 0 : ordered.findIndex((item) => item['id'] === after) + 1;
  if (after !== null && start === 0) {
    throw invalid('after', `No input item has the id '${after}' given as \`after\`.`);
  }
  const data = ordered.slice(start, start + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: start + data.length < ordered.length,
  };
}

function limitOf(limit: string | null): number {
  if (limit === null) return DEFAULT_PAGE;
  const value = Number(limit);
  if (!Number.isInteger(value) || value < 1 || value > LARGEST_PAGE) {
    throw invalid(
      'limit',
      `\`limit\` is '${limit}': write a whole number from 1 to ${LARGEST_PAGE}.`,
    );
  }
  return value;
}
