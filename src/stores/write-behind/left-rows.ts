/** Rows that a process could not write before it ended, and how the next one takes them in. */
import type { UsageRecord } from '../../core/record.ts';
import type { AttemptQueue } from '../attempts/queue.ts';
import type { PackedRow } from './packed-rows.ts';
import { pendingRows, spillRows, type PendingPlace, type Spilled } from './pending.ts';
import { journalsPrefix, leftInJournals } from './row-journal.ts';
import type { WriteBehind } from './write-behind.ts';

export interface Writing {
  readonly queue: WriteBehind<PackedRow>;
  readonly attempts: AttemptQueue;
  readonly rowOf: (record: UsageRecord) => PackedRow | undefined;
  readonly recordIn: (row: PackedRow) => UsageRecord;
  /** Whether the database has it. */
  readonly isKnown: (id: string) => Promise<boolean>;
  readonly place: PendingPlace;
}

export type Taken = Omit<Spilled, 'file'>;

const NOTHING: Taken = { rows: 0, nanoUsd: 0 };

/**
 * Takes in the rows that earlier stops could not write and those in journals of killed processes; known ids change nothing. Rows that
 * cannot be written now either stay where they are.
 */
export async function takeIn(writing: Writing): Promise<Taken> {
  const { queue, attempts, rowOf, place } = writing;
  const pending = pendingRows(place);
  const journals = leftInJournals(journalsPrefix(place.path), attempts.boot);
  const records = [...pending.records, ...(await unknownOf(journals.records, writing))];
  const { ends } = pending;
  for (const record of records) queue.add(record.id, rowOf(record));
  for (const end of ends) attempts.end(end);
  if (records.length + ends.length > 0) await Promise.all([queue.flush(), attempts.flush()]);
  if (queue.stats().queued + attempts.stats().queued > 0) return NOTHING;
  pending.forget();
  journals.forget();
  const nanoUsd = ends.reduce((sum, { usedNanoUsd }) => sum + usedNanoUsd, 0);
  return { rows: records.length + ends.length, nanoUsd };
}

async function unknownOf(
  records: readonly UsageRecord[],
  { isKnown }: Pick<Writing, 'isKnown'>,
): Promise<readonly UsageRecord[]> {
  const known = await Promise.all(records.map(async ({ id }) => await isKnown(id)));
  return records.filter((_, index) => known[index] === false);
}

/** Closes both queues, and keeps beside the database what they could not write; what cannot be kept either is dropped. */
export async function closeWriting({
  queue,
  attempts,
  recordIn,
  place,
}: Writing): Promise<Spilled | undefined> {
  const [rows, ends] = await Promise.all([queue.close(), attempts.close()]);
  if (rows.length + ends.length === 0) return undefined;
  try {
    return spillRows(place, { records: rows.map(recordIn), ends });
  } catch {
    queue.drop(rows.length);
    return undefined;
  }
}
