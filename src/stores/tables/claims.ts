/** Claims on SQLite: written by the thread of owners, since a request waits for one to be durable. */
import type { DatabaseSync } from 'node:sqlite';
import type { Claims, ClaimRow } from '../../core/claims.ts';
import { GatewayError } from '../../core/errors.ts';
import { text } from '../sqlite/row.ts';
import type { DatabaseThread } from '../sqlite/thread.ts';
import type { StateFile } from '../sqlite/state-file.ts';

/** `thread`: undefined for a file in memory, which no other connection sees. */
export function sqliteClaims({ db }: StateFile, thread: DatabaseThread | undefined): Claims {
  return {
    claim: async (row, sinceMs) => {
      try {
        const [before] =
          thread === undefined
            ? claimed(db, row, sinceMs)
            : await thread.ask({ kind: 'claim', row, sinceMs });
        return before === undefined ? undefined : JSON.parse(before);
      } catch (cause) {
        throw claimNotKept(cause);
      }
    },
    release: (id) => {
      if (thread === undefined) released(db, id);
      else thread.ask({ kind: 'release', id }).catch(() => {});
    },
  };
}

export const claimNotKept = (cause: unknown): GatewayError =>
  new GatewayError(
    'gateway_state_unavailable',
    'The Idempotency-Key could not be kept, so nothing was asked. Ask again in a second.',
    { cause },
  );

/** Empty for the first claim; else what was claimed before, as JSON. */
export function claimed(db: DatabaseSync, row: ClaimRow, sinceMs: number): readonly string[] {
  db.prepare('DELETE FROM claims WHERE at_ms < ?').run(sinceMs);
  const { changes } = db
    .prepare(
      'INSERT INTO claims (id, body, request_id, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
    )
    .run(row.id, row.body, row.requestId, row.atMs);
  if (changes > 0) return [];
  const before = db.prepare('SELECT body, request_id FROM claims WHERE id = ?').get(row.id) ?? {};
  return [JSON.stringify({ body: text(before, 'body'), requestId: text(before, 'request_id') })];
}

export const released = (db: DatabaseSync, id: string): void =>
  void db.prepare('DELETE FROM claims WHERE id = ?').run(id);
