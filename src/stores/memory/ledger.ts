/** A ledger in this process's memory, for tests and for `store: { kind: memory }`. */
import type { Audit } from '../../core/audit.ts';
import type { UsageRecord } from '../../core/record.ts';
import type { Feedback, Ledger, LedgerPage, LedgerQuery } from '../../core/store.ts';
import { figuresOverRecords } from './figures-over-records.ts';
import { limitOf, readCursor, writeCursor, type Position } from '../cursor.ts';

/** Keeps the newest `capacity` records; older ones are forgotten, and not counted as dropped. */
export function memoryLedger(capacity = 10_000): Ledger {
  const records = new Map<string, UsageRecord>();
  // Ids by age, in a ring buffer: a Map takes longer and longer to find its oldest key.
  const ids: string[] = [];
  let next = 0;
  const feedback: Feedback[] = [];
  const audits: Audit[] = [];
  let isClosed = false;
  let dropped = 0;
  return {
    append: (record) => {
      if (isClosed) {
        dropped += 1;
        return;
      }
      if (records.has(record.id)) return;
      const oldest = ids[next];
      if (oldest !== undefined) records.delete(oldest);
      records.set(record.id, record);
      ids[next] = record.id;
      next = (next + 1) % capacity;
    },
    get: async (id) => records.get(id),
    list: async (query) => pageOf([...records.values()], query),
    figures: figuresOverRecords(async () => [...records.values()]),
    addFeedback: async (given) => {
      const { requestId, caller } = given;
      const before = feedback.findIndex(
        (one) => one.requestId === requestId && one.caller === caller,
      );
      if (before >= 0) feedback.splice(before, 1);
      feedback.push(given);
      if (feedback.length > capacity) feedback.shift();
    },
    feedbackOn: async (requestId) => feedback.filter((given) => given.requestId === requestId),
    addAudit: async (audit) => {
      audits.push(audit);
      if (audits.length > capacity) audits.shift();
    },
    auditsSince: async (sinceMs) => audits.filter(({ atMs }) => atMs >= sinceMs),
    stats: () => ({ queued: 0, lagMs: 0, dropped }),
    flush: async () => {},
    close: async () => {
      isClosed = true;
    },
  };
}

function pageOf(all: readonly UsageRecord[], query: LedgerQuery): LedgerPage {
  const { sinceMs = -Infinity, untilMs = Infinity, cursor } = query;
  const limit = limitOf(query.limit);
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const found = all
    .filter(({ atMs }) => atMs >= sinceMs && atMs < untilMs)
    .filter((record) => after === undefined || newestFirst(after, record) < 0)
    .toSorted(newestFirst);
  const records = found.slice(0, limit);
  const last = records.at(-1);
  return found.length > limit && last !== undefined
    ? { records, next: writeCursor(last) }
    : { records };
}

/** By time, then by id (as bytes, as SQLite compares) within the same millisecond. */
const newestFirst = (a: Position, b: Position): number =>
  b.atMs - a.atMs || Buffer.compare(Buffer.from(b.id), Buffer.from(a.id));
