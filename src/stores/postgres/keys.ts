/** Keys in Postgres: digests only. */
import type { KeyStore, StoredKey } from '../../core/keys.ts';
import { asKey, keyDetail, nameTaken, noSuchKey, requireUsable } from '../tables/keys.ts';
import type { Change, Changes } from './changes.ts';
import type { Query } from './port.ts';

export function postgresKeys({ query, change, version }: Changes): Omit<KeyStore, 'close'> {
  return {
    version: () => version('keys'),
    list: async () => (await query('SELECT * FROM keys ORDER BY name')).map(asKey),
    create: (key, act) =>
      change(async (within) => {
        const { name, digest, createdMs, createdBy, expiresMs, ...settings } = key;
        const made = await within.query(
          `INSERT INTO keys (name, digest, settings, created_ms, created_by, expires_ms)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING RETURNING 1 AS made`,
          [name, digest, JSON.stringify(settings), createdMs, createdBy, expiresMs ?? null],
        );
        if (made.length === 0) throw nameTaken(name);
        await log(within, 'key_created', key, act);
      }),
    rotate: (name, { digest, graceUntilMs }, act) =>
      change(async (within) => {
        const key = await existing(within.query, name);
        requireUsable(key, act.atMs);
        await within.query(
          'UPDATE keys SET previous = digest, previous_until_ms = $1, digest = $2 WHERE name = $3',
          [graceUntilMs, digest, name],
        );
        await log(within, 'key_rotated', key, act);
        return await existing(within.query, name);
      }),
    revoke: (name, act) =>
      change(async (within) => {
        const key = await existing(within.query, name);
        if (key.revokedMs !== undefined) return key;
        await within.query('UPDATE keys SET revoked_ms = $1 WHERE name = $2', [act.atMs, name]);
        await log(within, 'key_revoked', key, act);
        return await existing(within.query, name);
      }),
  };
}

async function existing(query: Query, name: string): Promise<StoredKey> {
  const [row] = await query('SELECT * FROM keys WHERE name = $1', [name]);
  if (row === undefined) throw noSuchKey(name);
  return asKey(row);
}

async function log(
  { raise, log: append }: Change,
  event: Parameters<Change['log']>[0],
  key: StoredKey,
  act: Parameters<Change['log']>[1],
): Promise<void> {
  await raise('keys');
  await append(event, act, keyDetail(key));
}
