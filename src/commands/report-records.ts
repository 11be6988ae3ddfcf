/** Reads the records of a report from the ledger or from a file. */
import { ledgerPages, openForReading } from '../offline.ts';
import type { Config } from '../config/config.ts';
import type { UsageRecord } from '../core/record.ts';
import { readRecords } from './read-records.ts';

export interface RecordsWanted {
  readonly sinceMs: number;
  /** A file instead of the ledger; `-` = standard input. */
  readonly records?: string | undefined;
}

export async function eachRecord(
  config: Config,
  { sinceMs, records: file }: RecordsWanted,
  take: (record: UsageRecord) => void,
): Promise<void> {
  if (file === undefined) await eachInLedger(config, sinceMs, take);
  else await eachInFile(file, take);
}

async function eachInLedger(
  config: Config,
  sinceMs: number,
  take: (record: UsageRecord) => void,
): Promise<void> {
  const ledger = openForReading(config.store);
  try {
    for await (const page of ledgerPages(ledger, sinceMs)) page.forEach(take);
  } finally {
    await ledger.close();
  }
}

async function eachInFile(file: string, take: (record: UsageRecord) => void): Promise<void> {
  for await (const { records, badLines } of readRecords(file)) {
    for (const number of badLines) {
      process.stderr.write(`${file}:${number}  not a record, passed over\n`);
    }
    records.forEach(take);
  }
}
