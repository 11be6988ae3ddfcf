/** Deletes old rows a few at a time, so that a gateway's writes need not wait: their sums of money stay. */
import type { DatabaseSync } from 'node:sqlite';
import type { Pruned } from '../../core/ledger-tools.ts';
import { inTransaction } from './transaction.ts';

/** What is not known yet stays, and so does what is under way. */
const OLD_ATTEMPTS =
  "SELECT id FROM attempts WHERE at_ms < ? AND state IN ('settled', 'released') ORDER BY at_ms, id LIMIT ?";

/** Up to `most` records and as many attempts from before then; fewer of both than that: nothing is left. */
export function pruneSome(db: DatabaseSync, beforeMs: number, most: number): Pruned {
  const records = db.prepare(
    'DELETE FROM records WHERE seq IN (SELECT seq FROM records WHERE at_ms < ? LIMIT ?)',
  );
  const sums = db.prepare(
    `INSERT INTO attempt_sums (day_ms, caller, team, upstream, model, attempts, nano_usd)
     SELECT CAST(at_ms AS INTEGER) / 86400000 * 86400000, caller, ifnull(team, ''), upstream, model, count(*), sum(used_nano_usd)
     FROM attempts WHERE id IN (${OLD_ATTEMPTS}) GROUP BY 1, 2, 3, 4, 5
     ON CONFLICT (day_ms, caller, team, upstream, model)
     DO UPDATE SET attempts = attempts + excluded.attempts, nano_usd = nano_usd + excluded.nano_usd`,
  );
  const attempts = db.prepare(`DELETE FROM attempts WHERE id IN (${OLD_ATTEMPTS})`);
  return inTransaction(db, () => {
    sums.run(beforeMs, most);
    return {
      records: Number(records.run(beforeMs, most).changes),
      attempts: Number(attempts.run(beforeMs, most).changes),
    };
  });
}

/** What was said of records that are gone. */
export const pruneFeedback = (db: DatabaseSync): void =>
  void db.prepare('DELETE FROM feedback WHERE request_id NOT IN (SELECT id FROM records)').run();
