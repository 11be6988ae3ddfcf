/** Reads `state.db` without writing to it, also while a gateway does: a snapshot for each page. */
import { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../core/errors.ts';
import type { UsageRecord } from '../core/record.ts';
import type { StateReader } from '../core/store.ts';
import { limitOf, readCursor, writeCursor } from './cursor.ts';
import { versions } from './policies.ts';
import { explain } from './sqlite-errors.ts';

/**
 * Reads on the calling thread: for commands, not for what serves requests.
 * @throws GatewayError that says what is wrong with the file and what to do
 */
export function sqliteReader(path: string): StateReader {
  const told = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw new GatewayError('gateway_internal', explain(error, path), { cause: error });
    }
  };
  const db = told(() => new DatabaseSync(path, { readOnly: true, timeout: 5_000 }));
  const select = told(() =>
    db.prepare(
      `SELECT record FROM records WHERE at_ms >= ? AND at_ms < ? AND (at_ms, id) < (?, ?)
       ORDER BY at_ms DESC, id DESC LIMIT ?`,
    ),
  );
  return {
    // Rejects rather than throws, as the port says.
    list: async ({ sinceMs = -Infinity, untilMs = Infinity, limit, cursor }) => {
      const after = cursor === undefined ? { atMs: Infinity, id: '' } : readCursor(cursor);
      const most = limitOf(limit);
      const rows = told(() => select.all(sinceMs, untilMs, after.atMs, after.id, most + 1));
      const records = rows
        .slice(0, most)
        .map(({ record }): UsageRecord => JSON.parse(String(record)));
      const last = records.at(-1);
      return await Promise.resolve(
        rows.length > most && last !== undefined
          ? { records, next: writeCursor(last) }
          : { records },
      );
    },
    get: async (id) => {
      const row = told(() => db.prepare('SELECT record FROM records WHERE id = ?').get(id));
      return row === undefined ? undefined : JSON.parse(String(row['record']));
    },
    policyVersions: async () => told(() => versions(db)),
    close: async () => await Promise.resolve(db.close()),
  };
}
