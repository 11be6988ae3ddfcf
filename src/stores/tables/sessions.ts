/** Sessions on SQLite, in the ledger's file. */
import type { SessionStore, StoredSession } from '../../core/sessions.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import type { StateFile } from '../sqlite/state-file.ts';

export function sqliteSessions({ db, read, change }: StateFile): SessionStore {
  return {
    add: async ({ digest, keyDigest, createdMs, seenMs, expiresMs, agent }) =>
      change(() => {
        db.prepare('DELETE FROM sessions WHERE expires_ms <= ?').run(createdMs);
        db.prepare('INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)').run(
          digest,
          keyDigest,
          createdMs,
          seenMs,
          expiresMs,
          agent,
        );
      }),
    get: async (digest) =>
      read(() => {
        const row = db.prepare('SELECT * FROM sessions WHERE digest = ?').get(digest);
        return row === undefined ? undefined : asSession(row);
      }),
    seen: async (digest, atMs) =>
      change(() => {
        db.prepare('UPDATE sessions SET seen_ms = ? WHERE digest = ?').run(atMs, digest);
      }),
    list: async () =>
      read(() =>
        db.prepare('SELECT * FROM sessions ORDER BY created_ms DESC').all().map(asSession),
      ),
    remove: async (digest) =>
      change(() => {
        db.prepare('DELETE FROM sessions WHERE digest = ?').run(digest);
      }),
  };
}

export const asSession = (row: Row): StoredSession => ({
  digest: text(row, 'digest'),
  keyDigest: text(row, 'key_digest'),
  createdMs: number(row, 'created_ms'),
  seenMs: number(row, 'seen_ms'),
  expiresMs: number(row, 'expires_ms'),
  agent: text(row, 'agent'),
});
