/** Claims, sessions and owners in Postgres. */
import type { Claims } from '../../core/claims.ts';
import type { Owned, Owners } from '../../core/owners.ts';
import type { SessionStore } from '../../core/sessions.ts';
import { claimNotKept } from '../tables/claims.ts';
import { OWNER_COLUMNS, ownedIn, rowOf, type OwnerRow } from '../tables/owner-rows.ts';
import { asSession } from '../tables/sessions.ts';
import { text } from '../sqlite/row.ts';
import type { DatabaseThread } from '../sqlite/thread.ts';
import { createWriteBehind } from '../write-behind/write-behind.ts';
import type { Changes } from './changes.ts';
import type { Postgres } from './port.ts';

type Asking = Pick<Postgres, 'query'>;

export function postgresClaims({ query }: Asking): Claims {
  return {
    claim: async ({ id, body, requestId, atMs }, sinceMs) => {
      try {
        await query('DELETE FROM claims WHERE at_ms < $1', [sinceMs]);
        const first = await query(
          'INSERT INTO claims (id, body, request_id, at_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING 1 AS first',
          [id, body, requestId, atMs],
        );
        if (first.length > 0) return undefined;
        const [before = {}] = await query('SELECT body, request_id FROM claims WHERE id = $1', [
          id,
        ]);
        return { body: text(before, 'body'), requestId: text(before, 'request_id') };
      } catch (cause) {
        throw claimNotKept(cause);
      }
    },
    release: (id) => void query('DELETE FROM claims WHERE id = $1', [id]).catch(() => {}),
  };
}

export function postgresSessions({ query }: Asking): SessionStore {
  return {
    add: async ({ digest, keyDigest, createdMs, seenMs, expiresMs, agent }) => {
      await query('DELETE FROM sessions WHERE expires_ms <= $1', [createdMs]);
      await query('INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6)', [
        digest,
        keyDigest,
        createdMs,
        seenMs,
        expiresMs,
        agent,
      ]);
    },
    get: async (digest) => {
      const [row] = await query('SELECT * FROM sessions WHERE digest = $1', [digest]);
      return row === undefined ? undefined : asSession(row);
    },
    seen: async (digest, atMs) => {
      await query('UPDATE sessions SET seen_ms = $1 WHERE digest = $2', [atMs, digest]);
    },
    list: async () =>
      (await query('SELECT * FROM sessions ORDER BY created_ms DESC')).map(asSession),
    remove: async (digest) => {
      await query('DELETE FROM sessions WHERE digest = $1', [digest]);
    },
  };
}

interface SharedOwners {
  readonly changes: Changes;
  /** The outbox; absent for a command, which makes nothing. */
  readonly thread?: Pick<DatabaseThread, 'ask'>;
  /** Milliseconds, monotonic. */
  readonly nowMs: () => number;
}

const WAITING_ROWS = 200_000;

/** Written by the outbox, read from Postgres: another replica may have made what is asked for. */
export function postgresOwners({ changes, thread, nowMs }: SharedOwners): Owners {
  const { query, change } = changes;
  const queue = createWriteBehind<OwnerRow>({
    nowMs,
    capacity: WAITING_ROWS,
    write: async (rows) => {
      await thread?.ask({ kind: 'own', rows });
      return 0;
    },
  });
  const recent = new Map<string, { readonly owned: Owned; readonly untilMs: number }>();
  const note = (owned: Owned): Owned => {
    recent.delete(owned.id);
    recent.set(owned.id, { owned, untilMs: nowMs() + RECENT_MS });
    const [oldest] = recent.keys();
    if (recent.size > RECENT && oldest !== undefined) recent.delete(oldest);
    return owned;
  };
  const find = async (id: string): Promise<Owned | undefined> => {
    const [row] = await query(`SELECT ${OWNER_COLUMNS} FROM owners WHERE id = $1`, [id]);
    return row === undefined ? recent.get(id)?.owned : note(ownedIn(row));
  };
  return {
    of: (id) => {
      const { owned, untilMs = 0 } = recent.get(id) ?? {};
      return untilMs > nowMs() ? owned : find(id);
    },
    own: (owned) => {
      // Whose it was stays: an answer that shows an object does not give it away.
      if (recent.has(owned.id)) return;
      note(owned);
      queue.add(owned.id, rowOf(owned));
    },
    widen: async (owned, more) => {
      recent.delete(owned.id);
      // It may still be on its way, and is written here where it is: what comes later changes nothing.
      await query(WIDEN, [...rowOf(owned), more?.reading ?? null, more?.bits ?? 0]);
      const now = await find(owned.id);
      if (now !== undefined) note(now);
    },
    adopt: async ({ id, owner, upstream }, act) => {
      await queue.flush();
      // What was made here a moment ago may still be on its way.
      const { upstream: made = '' } = recent.get(id)?.owned ?? {};
      recent.delete(id);
      await change(async (within) => {
        await within.query(
          `INSERT INTO owners (id, owner, upstream) VALUES ($1, $2, $3)
           ON CONFLICT (id) DO UPDATE SET owner = excluded.owner`,
          [id, owner, upstream || made],
        );
        await within.log('owner_adopted', act, { id, owner });
      });
    },
    close: async () => void (await queue.close()),
  };
}

const WIDEN = `
  INSERT INTO owners (${OWNER_COLUMNS})
  VALUES ($1, $2, $3, CASE WHEN $5::text = $6::text THEN $4::integer | $7::integer END, CASE WHEN $5::text = $6::text THEN $5::text END)
  ON CONFLICT (id) DO UPDATE SET
    found = CASE WHEN owners.reading = $6 THEN owners.found | $7::integer END,
    reading = CASE WHEN owners.reading = $6 THEN owners.reading END`;

/** More than are made while a batch is on its way. What was looked up holds for so long: a request asks more than once. */
const RECENT = 10_000;
const RECENT_MS = 2_000;
