/** Ports for the state that `/v1/responses` keeps between calls. */
import type { JsonObject } from '../lib/json.ts';
import type { Soon } from '../lib/soon.ts';
import type { Call } from './call.ts';
import type { Deadline } from './deadline.ts';

/** One response and the input of its request. */
export interface StoredResponse {
  /** As it was answered. */
  readonly response: JsonObject;
  /** What this request itself sent, as items that carry an id; not what came before it. */
  readonly inputItems: readonly JsonObject[];
  /** The whole conversation this response continued, oldest item first, `inputItems` included. */
  readonly conversation: readonly JsonObject[];
}

/**
 * Responses by caller and id: no caller can read another's. Of state that an upstream keeps itself, only
 * the upstream's name is stored, so that the follow-up goes there. A store rejects where it cannot say whether it has an id that this
 * gateway made (`isOwnId`), or cannot remove it everywhere: 'unknown' is said of what is known not to be there.
 */
export interface ResponseStore {
  save(caller: string, stored: StoredResponse, deadline: Deadline): Soon<void>;
  load(caller: string, id: string, deadline: Deadline): Soon<StoredResponse | undefined>;
  /** An item of a stored answer or request, by its own id (`item_reference`). */
  item(caller: string, itemId: string, deadline: Deadline): Soon<JsonObject | undefined>;
  /** False when there was none. */
  remove(caller: string, id: string, deadline: Deadline): Soon<boolean>;
  /** The upstream holds this response's state itself. */
  remember(caller: string, id: string, upstream: string, deadline: Deadline): Soon<void>;
  boundTo(caller: string, id: string, deadline: Deadline): Soon<string | undefined>;
  /** True only where the owner is known and is another caller. */
  isOwnedByOther(caller: string, id: string, deadline: Deadline): Soon<boolean>;
}

/**
 * What the routes under `/v1/responses` need; those of `{id}` throw `caller_not_found` in OpenAI's words, now or
 * as a rejection. What is not known in time is answered with 503.
 */
export interface StoredResponses {
  /**
   * The same call with its stored conversation inlined: earlier turns and referenced items in `input`. It
   * can then be evaluated as a whole and sent to any upstream. The call itself where it refers to nothing
   * stored here.
   */
  inlineHistory(call: Call, deadline: Deadline): Soon<Call>;
  /** The id is another caller's, or one that no upstream can know: no upstream is to be asked for it. */
  isOwnedByOther(caller: string, id: string, deadline: Deadline): Soon<boolean>;
  retrieve(caller: string, id: string, deadline: Deadline): Soon<JsonObject>;
  /** `{id, object: 'response', deleted: true}` */
  remove(caller: string, id: string, deadline: Deadline): Soon<JsonObject>;
  /** A page of the input items, newest first unless `order` is `asc`. */
  inputItems(
    caller: string,
    id: string,
    query: URLSearchParams,
    deadline: Deadline,
  ): Soon<JsonObject>;
}
