/** What a start begins before the rest of the program is loaded, so that both happen at once. */
import { earlyThread, type EarlyThread } from './stores/sqlite/thread.ts';

/** Of the ledger: to start a thread takes as long as to read the configuration. */
export const earlyLedger = (): EarlyThread => earlyThread();

export type { EarlyThread };
