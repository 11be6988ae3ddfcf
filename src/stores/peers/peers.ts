/** State in memory that the processes of one gateway (`serve --workers`) look up with each other, or tell each other. */
import type { Conversations } from '../../core/conversations.ts';
import type { ConversationPlace } from '../../core/decision.ts';
import type { KeptAnswers } from '../../core/kept-answers.ts';
import { isOwnId } from '../../core/own-ids.ts';
import type { Peers } from '../../core/peers.ts';
import type { RateBuckets, Taken } from '../../core/rate-limits.ts';
import type { ResponseStore, StoredResponse } from '../../core/stored-responses.ts';
import { createBatcher } from '../../lib/batches.ts';
import type { Soon } from '../../lib/soon.ts';
import type { MemoryAnswers } from '../memory/answers.ts';
import type { MemoryConversations } from '../memory/conversations.ts';
import type { MemoryRates } from '../memory/rates.ts';
import type { MemoryResponseStore } from '../memory/responses.ts';
import { partialRates } from './partial-rates.ts';

/** A request waits no longer for another process: as for a Redis. */
const PATIENCE_MS = 50;

/** What this process has, else what another one has. Rejects where nobody has it and not all could be asked. */
type LookUp<Key, Found> = (key: Key, ms: number) => Soon<Found | undefined>;

function lookUp<Key, Found>(
  peers: Peers,
  what: string,
  here: (key: Key) => Found | undefined,
): LookUp<Key, Found> {
  // Both ends of a name are this function.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  peers.answer(what, (key) => here(key as Key));
  return (key, ms) => {
    const own = here(key);
    if (own !== undefined) return own;
    return peers.ask(what, key, ms).then(({ answers, isComplete }) => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      const found = (answers as (Found | undefined)[]).find((one) => one !== undefined);
      if (found === undefined && !isComplete) throw new Error('not every process answered');
      return found;
    });
  };
}

/** Of a caller, by id. */
type Id = readonly [caller: string, id: string];

/** Each process keeps what it answered; what it does not have it asks the others for. */
export function peerResponses(here: MemoryResponseStore, peers: Peers): ResponseStore {
  const load = lookUp<Id, StoredResponse>(peers, 'response', ([caller, id]) =>
    here.load(caller, id),
  );
  const item = lookUp<Id, ReturnType<MemoryResponseStore['item']>>(
    peers,
    'response-item',
    ([caller, id]) => here.item(caller, id),
  );
  const bound = lookUp<Id, string>(peers, 'response-upstream', ([caller, id]) =>
    here.boundTo(caller, id),
  );
  const remove = lookUp<Id, true>(
    peers,
    'response-removed',
    ([caller, id]) => here.remove(caller, id) || undefined,
  );
  const foreign = lookUp<Id, true>(
    peers,
    'response-foreign',
    ([caller, id]) => here.isOwnedByOther(caller, id) || undefined,
  );
  return {
    save: here.save,
    remember: here.remember,
    load: (caller, id, { ms }) => (isOwnId(id) ? load([caller, id], ms) : here.load(caller, id)),
    item: (caller, id, { ms }) => item([caller, id], ms),
    boundTo: (caller, id, { ms }) => bound([caller, id], ms),
    remove: (caller, id, { ms }) => isTrue(remove([caller, id], ms)),
    isOwnedByOther: (caller, id, { ms }) => isTrue(foreign([caller, id], ms)),
  };
}

const isTrue = (answer: Soon<true | undefined>): Soon<boolean> =>
  answer instanceof Promise ? answer.then(Boolean) : answer === true;

export function peerAnswers(here: MemoryAnswers, peers: Peers, name: string): KeptAnswers {
  const get = lookUp<string, Uint8Array>(peers, name, here.get);
  const forgotten = `${name}-forgotten`;
  peers.answer(forgotten, (key) => {
    if (typeof key === 'string') here.delete(key);
  });
  return {
    get: (key) => {
      const found = get(key, PATIENCE_MS);
      return found instanceof Promise ? found.catch(() => undefined) : found;
    },
    set: here.set,
    delete: (key) => {
      here.delete(key);
      peers.tell(forgotten, key);
    },
  };
}

type Remembered = readonly [key: string, place: ConversationPlace];

/** A place and the keys of all that are there, a line each: one text is copied to another process at a fraction of a list's cost. */
type Told = readonly [place: ConversationPlace, keys: string];

/** Other processes learn of a turn soon after it; a follow-up that reaches one of them earlier is routed like a new conversation. */
const NEWS = { maxSize: 512, waitMs: 20 };

/** Every process knows all entries: each tells the others what it remembers. */
export function peerConversations(here: MemoryConversations, peers: Peers): Conversations {
  peers.answer('conversations', (news) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    for (const [place, keys] of news as readonly Told[])
      for (const key of keys.split('\n')) here.remember(key, place);
  });
  const news = createBatcher<Remembered>(NEWS, (batch) =>
    peers.tell('conversations', byPlace(batch)),
  );
  return {
    get: here.get,
    remember: (key, place) => {
      here.remember(key, place);
      news.add([key, place]);
    },
  };
}

/** In order of time within a place; of a key that is at two places the later one is told last. */
function byPlace(batch: readonly Remembered[]): readonly Told[] {
  const places = new Map<string, ConversationPlace>();
  const latest = new Map<string, string>();
  for (const [key, place] of batch) {
    const { upstream, model, tier, escalations = 0 } = place;
    const name = `${upstream}\n${model}\n${tier}\n${escalations}`;
    places.set(name, place);
    latest.set(key, name);
  }
  const keys = Map.groupBy(latest.keys(), (key) => latest.get(key)!);
  return [...keys].map(([name, those]) => [places.get(name)!, those.join('\n')]);
}

/** What is taken of a bucket that the primary keeps. */
export interface Take {
  readonly bucket: string;
  readonly perMinute: number;
  readonly count: number;
}

/** The primary holds the buckets; while it does not answer, each process enforces its part. */
export function peerRates(here: MemoryRates, peers: Peers): RateBuckets {
  const alone = partialRates(here, () => peers.count);
  return {
    take: (bucket, perMinute, count) => {
      const asked: Take = { bucket, perMinute, count };
      return peers.askPrimary('take', asked, PATIENCE_MS).then(
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        (taken) => taken as Taken,
        () => alone.take(bucket, perMinute, count),
      );
    },
    give: (bucket, perMinute, count) => {
      peers.tellPrimary('give', { bucket, perMinute, count } satisfies Take);
    },
  };
}
