/** Responses kept in this process, for follow-ups and for `GET /v1/responses/{id}`. */
import { LRUCache } from 'lru-cache';
import { type JsonObject, objectsIn } from '../../lib/json.ts';
import { recentlyUsed } from '../../lib/recently-used.ts';
import type { ResponseStore, StoredResponse } from '../../core/stored-responses.ts';
import { shareOf, type ByteBudget } from '../../lib/byte-budget.ts';

export interface MemoryBounds {
  /** Bytes of memory, estimated; the least recently used is evicted first. */
  readonly maxBytes: number;
  /** Maximum of stored responses and, separately, of remembered upstreams. */
  readonly maxEntries: number;
}

const DEFAULT_BOUNDS: MemoryBounds = { maxBytes: 64 * 1024 * 1024, maxEntries: 50_000 };

/** Parsed JSON takes more memory than its text: 1.7 times, measured over 100,000 short answers. */
const BYTES_PER_TEXT_BYTE = 1.7;

/** Synchronous: nothing is awaited. */
export interface MemoryResponseStore extends ResponseStore {
  save(caller: string, stored: StoredResponse): void;
  load(caller: string, id: string): StoredResponse | undefined;
  item(caller: string, itemId: string): JsonObject | undefined;
  remove(caller: string, id: string): boolean;
  remember(caller: string, id: string, upstream: string): void;
  boundTo(caller: string, id: string): string | undefined;
  isOwnedByOther(caller: string, id: string): boolean;
}

/** The caller of an id: ids are unique across upstreams, so an id has one caller. */
interface Holder {
  readonly caller: string;
  readonly upstream: string;
}

interface StoredEntry {
  readonly caller: string;
  readonly stored: StoredResponse;
  readonly bytes: number;
}

/**
 * Bounded by bytes and by count; evicts the least recently used. A conversation's items are counted in every response that
 * continues it, but stored once: the bound is conservative.
 */
export function memoryResponseStore(
  bounds: Partial<MemoryBounds> = {},
  memory?: ByteBudget,
): MemoryResponseStore {
  const given = { ...DEFAULT_BOUNDS, ...bounds };
  const { maxEntries } = given;
  const maxBytes = shareOf(memory, given.maxBytes);
  const holders = recentlyUsed<string, Holder>(maxEntries);
  return {
    ...answers(maxBytes, maxEntries, memory),
    remember(caller, id, upstream) {
      holders.set(id, { caller, upstream });
    },
    boundTo(caller, id) {
      const holder = holders.peek(id);
      if (holder?.caller !== caller) return undefined;
      holders.get(id);
      return holder.upstream;
    },
    isOwnedByOther(caller, id) {
      const holder = holders.peek(id);
      return holder !== undefined && holder.caller !== caller;
    },
  };
}

type Answers = Pick<MemoryResponseStore, 'save' | 'load' | 'item' | 'remove'>;

function answers(maxBytes: number, maxEntries: number, memory: ByteBudget | undefined): Answers {
  const items = new Map<string, { readonly item: JsonObject; readonly of: string }>();
  const sizeOf = sizes();
  const empty = (): LRUCache<string, StoredEntry> =>
    new LRUCache<string, StoredEntry>({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: ({ bytes }) => Math.ceil(bytes),
      dispose: ({ caller, stored }, key) => {
        for (const item of ownItems(stored)) {
          const itemKey = keyOf(caller, item['id']);
          // An item that a later response has too stays with it.
          if (items.get(itemKey)?.of === key) items.delete(itemKey);
        }
      },
    });
  /** Made when a response is first kept: its arrays have room for `maxEntries`, 2 MB and some milliseconds of the start. */
  let entries: LRUCache<string, StoredEntry> | undefined;

  memory?.counts(() => entries?.calculatedSize ?? 0);

  return {
    save(caller, stored) {
      const key = keyOf(caller, stored.response['id']);
      entries ??= empty();
      entries.delete(key);
      const bytes = sizeOf([stored.response, ...stored.conversation]);
      if (bytes > maxBytes) return;
      entries.set(key, { caller, stored, bytes });
      for (const item of ownItems(stored)) items.set(keyOf(caller, item['id']), { item, of: key });
    },
    load(caller, id) {
      return entries?.get(keyOf(caller, id))?.stored;
    },
    item: (caller, itemId) => items.get(keyOf(caller, itemId))?.item,
    remove: (caller, id) => entries?.delete(keyOf(caller, id)) ?? false,
  };
}

/** Sizes in bytes of memory; each item is measured once, however many responses continue it. */
function sizes(): (items: readonly JsonObject[]) => number {
  const known = new WeakMap<JsonObject, number>();
  const sizeOf = (item: JsonObject): number => {
    const size = known.get(item) ?? Buffer.byteLength(JSON.stringify(item)) * BYTES_PER_TEXT_BYTE;
    known.set(item, size);
    return size;
  };
  return (items) => items.reduce((sum, item) => sum + sizeOf(item), 0);
}

/** As JSON, so that no caller name can collide with another's ids. */
const keyOf = (caller: string, id: unknown): string => JSON.stringify([caller, id]);

/** What it brought and answered itself, by whose ids it may be referred to. */
export function ownItems({ response, inputItems }: StoredResponse): readonly JsonObject[] {
  return [...inputItems, ...objectsIn(response['output'])];
}
