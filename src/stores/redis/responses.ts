/**
 * Responses that replicas share, on Redis: kept for a day, in its memory alone. Each replica also has those that it made itself, so that
 * losing Redis loses what the others made, and nothing else. While it cannot be asked, nobody says that one is not there.
 */
import { hash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Deadline } from '../../core/deadline.ts';
import { isOwnId } from '../../core/own-ids.ts';
import type { ResponseStore, StoredResponse } from '../../core/stored-responses.ts';
import type { JsonObject } from '../../lib/json.ts';
import { whenKnown, type Soon } from '../../lib/soon.ts';
import { ownItems } from '../memory/responses.ts';
import type { RedisLink } from './link.ts';

const KEPT_MS = 86_400_000;
/** Of one, as JSON: a longer conversation stays with the replica that had it. */
const MOST_BYTES = 2 * 1024 * 1024;

type Kind = 'response' | 'item' | 'gone' | 'holder';

/** Neither names of callers nor ids are written out. */
const nameOf = (kind: Kind, ...whose: readonly unknown[]): string =>
  `smallfirst:${kind}:${hash('sha256', JSON.stringify(whose), 'base64url')}`;

export function redisResponses(link: RedisLink, here: ResponseStore): ResponseStore {
  return {
    ...answersOn(link, here),
    remember: (caller, id, upstream, deadline) =>
      whenKnown(here.remember(caller, id, upstream, deadline), () =>
        put(link, [[nameOf('holder', id), JSON.stringify([caller, upstream])]]),
      ),
    boundTo: (caller, id, deadline) =>
      orElse(here.boundTo(caller, id, deadline), link, async () => {
        const [holder, upstream] = await holderOf(link, id);
        return holder === caller ? upstream : undefined;
      }),
    isOwnedByOther: (caller, id, deadline) =>
      whenKnown(here.isOwnedByOther(caller, id, deadline), (isOthers) => {
        if (isOthers || link.isAlone()) return isOthers;
        return holderOf(link, id).then(([holder]) => holder !== undefined && holder !== caller);
      }),
  };
}

function answersOn(
  link: RedisLink,
  here: ResponseStore,
): Pick<ResponseStore, 'save' | 'load' | 'item' | 'remove'> {
  const load = (caller: string, id: string, deadline: Deadline): Soon<StoredResponse | undefined> =>
    whenKnown(here.load(caller, id, deadline), (own) => {
      if (!isOwnId(id)) return own;
      if (own === undefined) return loaded(link, caller, id);
      if (link.isAlone()) return own;
      return isGone(link, [caller, id], deadline).then((gone) => (gone ? undefined : own));
    });
  return {
    save: (caller, stored, deadline) =>
      whenKnown(here.save(caller, stored, deadline), () => {
        const text = JSON.stringify(stored);
        if (text.length > MOST_BYTES) return undefined;
        const items = ownItems(stored).map(
          (item) => [nameOf('item', caller, item['id']), JSON.stringify(item)] as const,
        );
        return put(link, [[nameOf('response', caller, stored.response['id']), text], ...items]);
      }),
    load,
    item: (caller, itemId, deadline) =>
      whenKnown(here.item(caller, itemId, deadline), (own) =>
        own !== undefined || (link.isAlone() && !isOwnId(itemId))
          ? own
          : loadedItem(link, caller, itemId),
      ),
    remove: async (caller, id, deadline) => {
      const stored = await load(caller, id, deadline);
      if (stored !== undefined) await removeEverywhere(link, [caller, id], stored);
      await here.remove(caller, id, deadline);
      return stored !== undefined;
    },
  };
}

/** Rejects where Redis does not: one that another replica could still give is not called deleted. */
async function removeEverywhere(
  link: RedisLink,
  [caller, id]: readonly [caller: string, id: string],
  stored: StoredResponse,
): Promise<void> {
  const names = ownItems(stored).map((item) => nameOf('item', caller, item['id']));
  await askNow(link, (redis) =>
    redis
      .multi()
      // The replica that made it has it still, and must not give it any more.
      .set(nameOf('gone', caller, id), '1', 'PX', KEPT_MS)
      .del(nameOf('response', caller, id), ...names)
      .exec(),
  );
}

/** Rejects at once while nobody asks Redis. */
function askNow<T>(link: RedisLink, question: (redis: Redis) => Promise<T>): Promise<T> {
  if (link.isAlone()) return Promise.reject(new Error('Redis does not answer'));
  return link.ask(question);
}

async function loaded(
  link: RedisLink,
  caller: string,
  id: string,
): Promise<StoredResponse | undefined> {
  const text = await askNow(link, (redis) => redis.get(nameOf('response', caller, id)));
  if (text === null) return undefined;
  const stored: StoredResponse = JSON.parse(text);
  return stored;
}

async function loadedItem(
  link: RedisLink,
  caller: string,
  itemId: string,
): Promise<JsonObject | undefined> {
  const text = await askNow(link, (redis) => redis.get(nameOf('item', caller, itemId)));
  if (text === null) return undefined;
  const item: JsonObject = JSON.parse(text);
  return item;
}

/** Deleted in another replica. A Redis that says nothing takes half of the request's time, so that what is here can still be given. */
async function isGone(
  link: RedisLink,
  whose: readonly [caller: string, id: string],
  { ms }: Deadline,
): Promise<boolean> {
  const asked = link.ask((redis) => redis.exists(nameOf('gone', ...whose)));
  const known = Promise.race([asked, wait(ms / 2, 0, { ref: false })]);
  return (await known.catch(() => 0)) === 1;
}

async function holderOf(
  link: RedisLink,
  id: string,
): Promise<readonly [caller?: string, upstream?: string]> {
  const text = await link.ask((redis) => redis.get(nameOf('holder', id)));
  if (text === null) return [];
  const holder: readonly [caller: string, upstream: string] = JSON.parse(text);
  return holder;
}

/** Here, else from Redis, where that is there. */
const orElse = <T>(
  own: Soon<T | undefined>,
  link: RedisLink,
  there: () => Promise<T | undefined>,
): Soon<T | undefined> =>
  whenKnown(own, (found) => (found !== undefined || link.isAlone() ? found : there()));

/** Waits, so that who has the answer finds it in any replica; a failure loses it for the others. */
async function put(
  link: RedisLink,
  entries: readonly (readonly [name: string, text: string])[],
): Promise<void> {
  if (link.isAlone()) return;
  const writing = entries.map(([name, text]) =>
    link.ask((redis) => redis.set(name, text, 'PX', KEPT_MS)),
  );
  await Promise.all(writing).catch(() => {});
}
