/** What counting reads of a record. The ledger's thread, which counts each row that it writes, reads no more of them. */
import type { UsageRecord } from '../core/record.ts';
import type { Part, Taken } from '../lib/packing/reading-code.ts';

export const COUNTED = {
  shadowOf: true,
  atMs: true,
  caller: true,
  readings: { domain: true },
  decision: { rule: true },
  attempts: true,
  egress: true,
  outcome: true,
  degraded: true,
  latencyMs: true,
  ttftMs: true,
  baselineNanoUsd: true,
  baselineEnergy: true,
  times: true,
} as const satisfies Part<UsageRecord>;

export type CountedRecord = Taken<UsageRecord, typeof COUNTED>;
