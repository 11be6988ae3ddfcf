/** The ledger's write-behind queue; where there is a journal, records are noted in it before their requests are answered. */
import type { UsageRecord } from '../../core/record.ts';
import type { Ledger } from '../../core/store.ts';
import type { PackedRow } from './packed-rows.ts';
import type { RowJournal } from './row-journal.ts';
import { createWriteBehind, type WriteBehind, type WriteBehindOptions } from './write-behind.ts';

interface RowQueueOptions extends WriteBehindOptions<PackedRow> {
  /** Undefined for a record that cannot be packed. */
  readonly rowOf: (record: UsageRecord) => PackedRow | undefined;
  readonly journal: RowJournal | undefined;
}

export interface RowQueue extends Pick<Ledger, 'append' | 'note'> {
  readonly queue: WriteBehind<PackedRow>;
}

export function rowQueue({ rowOf: pack, journal, ...options }: RowQueueOptions): RowQueue {
  if (journal === undefined) {
    const queue = createWriteBehind(options);
    return { queue, append: (record) => void queue.add(record.id, pack(record)) };
  }
  /** Packed already, in the order in which they are appended. */
  const noted: { readonly id: string; readonly row: PackedRow }[] = [];
  const rowOf = (record: UsageRecord): PackedRow | undefined => {
    const at = noted.findIndex(({ id }) => id === record.id);
    return at === -1 ? pack(record) : noted.splice(at, 1)[0]?.row;
  };
  const write = async (rows: readonly PackedRow[]): Promise<number> => {
    const refused = await options.write(rows);
    journal.release(rows);
    return refused;
  };
  const queue = createWriteBehind({ ...options, write });
  return {
    queue,
    note: (record) => {
      const row = pack(record);
      if (row !== undefined) noted.push({ id: record.id, row: journal.keep(row) });
    },
    append: (record) => {
      const row = rowOf(record);
      if (!queue.add(record.id, row) && row !== undefined) journal.release([row]);
    },
  };
}
