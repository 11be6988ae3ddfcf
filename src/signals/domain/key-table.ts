/** From feature keys to rows, by open addressing: no garbage, and a miss costs one look. */
export interface KeyTable {
  readonly rows: number;
  /** The key's row, or -1. */
  find(key: number): number;
}

/** @param own - keys, each once: its place is its row */
export function keyTable(own: Int32Array): KeyTable {
  const capacity = 2 ** Math.ceil(Math.log2(own.length * 2 + 2));
  const slots = new Int32Array(capacity).fill(-1);
  const mask = capacity - 1;
  own.forEach((key, row) => {
    let slot = mix(key) & mask;
    while (slots[slot] !== -1) slot = (slot + 1) & mask;
    slots[slot] = row;
  });
  const find = (key: number): number => {
    let slot = mix(key) & mask;
    for (;;) {
      const row = slots[slot] ?? -1;
      if (row === -1 || own[row] === key) return row;
      slot = (slot + 1) & mask;
    }
  };
  return { rows: own.length, find };
}

/** A multiplied hash has its best bits on top. */
const mix = (key: number): number => key ^ (key >>> 15);
