/** Records in Postgres, as any process reads them. */
import type { Audit } from '../../core/audit.ts';
import type { UsageRecord } from '../../core/record.ts';
import type { Feedback, StateReader } from '../../core/store.ts';
import { limitOf, readCursor, writeCursor } from '../cursor.ts';
import type { Row } from '../sqlite/row.ts';
import type { Postgres } from './port.ts';

export function postgresRecords({
  query,
}: Pick<Postgres, 'query'>): Pick<StateReader, 'get' | 'list' | 'auditsSince' | 'feedbackSince'> {
  return {
    get: async (id) => {
      const [row] = await query('SELECT record FROM records WHERE id = $1', [id]);
      return row === undefined ? undefined : recordIn(row);
    },
    list: async ({ sinceMs = 0, untilMs = Number.MAX_VALUE, limit, cursor }) => {
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const most = limitOf(limit);
      // No id is less than the empty one: it bounds the whole millisecond.
      const before =
        after !== undefined && after.atMs < untilMs ? after : { atMs: untilMs, id: '' };
      const rows = await query(
        `SELECT record FROM records WHERE at_ms >= $1 AND (at_ms, id) < ($2, $3)
         ORDER BY at_ms DESC, id DESC LIMIT $4`,
        [sinceMs, before.atMs, before.id, most + 1],
      );
      const records = rows.slice(0, most).map(recordIn);
      const last = records.at(-1);
      return rows.length > most && last !== undefined
        ? { records, next: writeCursor(last) }
        : { records };
    },
    auditsSince: async (sinceMs) => {
      const rows = await query(
        'SELECT audit FROM audits WHERE at_ms >= $1 ORDER BY at_ms, outbox, seq',
        [sinceMs],
      );
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `addAudit` was given
      return rows.map(({ audit }) => audit as Audit);
    },
    feedbackSince: async (sinceMs) => {
      const rows = await query(
        'SELECT feedback FROM feedback WHERE at_ms >= $1 ORDER BY at_ms, request_id, caller',
        [sinceMs],
      );
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `addFeedback` was given
      return rows.map(({ feedback }) => feedback as Feedback);
    },
  };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `append` was given
export const recordIn = (row: Row): UsageRecord => row['record'] as UsageRecord;
