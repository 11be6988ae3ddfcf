/** An installation's records, for reading only. */
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { sqliteReader, type LedgerReader } from '../stores/sqlite-reader.ts';
import { openRecordedLedger } from './replay.ts';

/**
 * Beside a gateway that may be writing to it; an SQLite file is not touched.
 * @throws Error where there is none, or only in the gateway's own memory
 */
export async function openLedgerReader(config: Config): Promise<LedgerReader> {
  const { store } = config;
  return store.kind === 'sqlite' && existsSync(store.path)
    ? sqliteReader(store.path)
    : await openRecordedLedger(config);
}
