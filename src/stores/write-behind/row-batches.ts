/** Packed rows on their way to the ledger's thread: one array and one text for all, because each value that is sent to a thread costs. */
import type { PackedRow } from './packed-rows.ts';

export interface RowBatch {
  /**
   * How many rows there are; for each how many numbers and texts it has, and the length of each text; then all numbers. Is handed
   * over, not copied.
   */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** One after the other. */
  readonly texts: string;
}

export function joinedRows(rows: readonly PackedRow[]): RowBatch {
  let head = 1;
  let size = 0;
  for (const { numbers, texts } of rows) {
    head += 2 + texts.length;
    size += numbers.length;
  }
  const all = new Float64Array(head + size);
  all[0] = rows.length;
  let joined = '';
  let [at, next] = [1, head];
  for (const { numbers, texts } of rows) {
    all[at++] = numbers.length;
    all[at++] = texts.length;
    for (const text of texts) {
      all[at++] = text.length;
      joined += text;
    }
    all.set(numbers, next);
    next += numbers.length;
  }
  return { numbers: all, texts: joined };
}

/** The same rows again. */
export function rowsOf({ numbers: all, texts: joined }: RowBatch): readonly PackedRow[] {
  const heads: { readonly numbers: number; readonly texts: readonly string[] }[] = [];
  let [at, text] = [1, 0];
  for (let row = 0; row < all[0]!; row += 1) {
    const numbers = all[at++]!;
    const texts: string[] = [];
    for (let left = all[at++]!; left > 0; left -= 1) {
      const end = text + all[at++]!;
      texts.push(joined.slice(text, end));
      text = end;
    }
    heads.push({ numbers, texts });
  }
  return heads.map(({ numbers, texts }) => {
    const from = at;
    at += numbers;
    return { numbers: all.subarray(from, at), texts };
  });
}
