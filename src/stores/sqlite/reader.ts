/** Reads `state.db` read-only, also while a gateway writes: each page is a snapshot. */
import { DatabaseSync } from 'node:sqlite';
import type { Audit } from '../../core/audit.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Feedback, StateReader } from '../../core/store.ts';
import { limitOf, readCursor, writeCursor } from '../cursor.ts';
import { versions } from '../tables/policies.ts';
import { explain } from './errors.ts';
import { AUDITS_SINCE, FEEDBACK_SINCE } from './schema.ts';
import { RECORD_COLUMNS, recordReader } from './words.ts';

/**
 * Reads on the calling thread: for commands, not for the serving path.
 * @throws GatewayError that says what is wrong with the file and what to do
 */
export function sqliteReader(path: string): StateReader {
  const explaining = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw new GatewayError('gateway_internal', explain(error, path), { cause: error });
    }
  };
  const db = explaining(() => new DatabaseSync(path, { readOnly: true, timeout: 5_000 }));
  const select = explaining(() =>
    db.prepare(
      `SELECT ${RECORD_COLUMNS} FROM records WHERE at_ms >= ? AND at_ms < ? AND (at_ms, id) < (?, ?)
       ORDER BY at_ms DESC, id DESC LIMIT ?`,
    ),
  );
  const one = explaining(() => db.prepare(`SELECT ${RECORD_COLUMNS} FROM records WHERE id = ?`));
  const recordOf = explaining(() => recordReader(db));
  return {
    // Rejects instead of throwing, as the port requires.
    list: async ({ sinceMs = -Infinity, untilMs = Infinity, limit, cursor }) => {
      const after = cursor === undefined ? { atMs: Infinity, id: '' } : readCursor(cursor);
      const most = limitOf(limit);
      const rows = explaining(() => select.all(sinceMs, untilMs, after.atMs, after.id, most + 1));
      const records = explaining(() => rows.slice(0, most).map(recordOf));
      const last = records.at(-1);
      return await Promise.resolve(
        rows.length > most && last !== undefined
          ? { records, next: writeCursor(last) }
          : { records },
      );
    },
    get: async (id) => {
      const row = explaining(() => one.get(id));
      return row === undefined ? undefined : explaining(() => recordOf(row));
    },
    auditsSince: async (sinceMs) =>
      // prepared when asked: a file that an older version wrote has no such table
      explaining(() => db.prepare(AUDITS_SINCE).all(sinceMs)).map(({ audit }): Audit =>
        JSON.parse(String(audit)),
      ),
    feedbackSince: async (sinceMs) =>
      explaining(() => db.prepare(FEEDBACK_SINCE).all(sinceMs)).map(({ feedback }): Feedback =>
        JSON.parse(String(feedback)),
      ),
    policyVersions: async () => explaining(() => versions(db)),
    close: async () => await Promise.resolve(db.close()),
  };
}
