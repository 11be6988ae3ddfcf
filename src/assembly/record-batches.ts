/**
 * Publishes records in batches, sink by sink, after the response: with warm caches a sink costs a third per record
 * (measured).
 */
import type { Sink, UsageRecord } from '../core/record.ts';
import { createBatcher } from '../lib/batches.ts';

export interface RecordBatches {
  readonly publish: Sink;
  /** Publishes waiting records: before a read, and at the end. */
  flush(): void;
  /** How many records went to the sinks. */
  readonly published: () => number;
}

/** Waiting records are lost with the process, so they do not wait longer. Fewer in a batch cost more: each is a transaction. */
const BATCH = { maxSize: 64, waitMs: 5 };
/** Those that were noted are not: each batch is a transaction, of which several processes make as many more. */
const NOTED = { maxSize: 64, waitMs: 10 };

/**
 * @param failed receives what a sink threw; the record still goes to the others
 * @param note gets each record at once
 */
export function recordBatches(
  sinks: readonly Sink[],
  failed: (error: unknown) => void,
  note?: Sink,
): RecordBatches {
  const waits = note === undefined ? BATCH : NOTED;
  let published = 0;
  const { add, flush } = createBatcher<UsageRecord>(waits, (batch) => {
    published += batch.length;
    for (const sink of sinks) {
      for (const record of batch) give(sink, record, failed);
    }
  });
  const noted = (record: UsageRecord): void => {
    if (note !== undefined) give(note, record, failed);
    add(record);
  };
  return { publish: note === undefined ? add : noted, flush, published: () => published };
}

function give(sink: Sink, record: UsageRecord, failed: (error: unknown) => void): void {
  try {
    sink(record);
  } catch (error) {
    failed(error);
  }
}
