/** Small numbers by the hash of a word. A hash that two words share is not told apart. */

export interface HashTable {
  readonly keys: Int32Array;
  readonly values: Uint8Array;
}

/** Slots of a table, rounded up to a power of two: where most are empty, a word that is not there is soon known. */
const SLOTS_PER_ENTRY = 4;

/** @param empty the value of slots that hold nothing */
export function hashTable(entries: number, empty: number): HashTable {
  const slots = 2 ** Math.ceil(Math.log2(SLOTS_PER_ENTRY * entries));
  return { keys: new Int32Array(slots), values: new Uint8Array(slots).fill(empty) };
}

/** Where a hash is, or the empty slot at which looking for it ends. */
export function slotOf({ keys, values }: HashTable, hash: number, empty: number): number {
  const mask = values.length - 1;
  let slot = (hash ^ (hash >>> 15)) & mask;
  while (values[slot] !== empty && keys[slot] !== hash) slot = (slot + 1) & mask;
  return slot;
}
