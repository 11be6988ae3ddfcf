/** Keys on SQLite: digests only, in the ledger's file. */
import { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../../core/errors.ts';
import type { KeySettings, KeyStore, StoredKey } from '../../core/keys.ts';
import type { Act, AuditKind, Detail } from '../../core/policy-store.ts';
import { append } from './audit-log.ts';
import { markedVersion, raiseVersion } from './marks.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import { stateFile, type StateFile } from '../sqlite/state-file.ts';

/** `at`: the ledger's file, or `:memory:`. @throws GatewayError that says what is wrong with the file */
export function sqliteKeys(at: string | StateFile): KeyStore {
  const { db, read, change, close } = stateFile(at);
  return {
    version: async () => read(() => markedVersion(db, VERSION)),
    list: async () => read(() => db.prepare('SELECT * FROM keys ORDER BY name').all().map(asKey)),
    create: async (key, act) => change(() => create(db, key, act)),
    rotate: async (name, to, act) => change(() => rotate(db, name, to, act)),
    revoke: async (name, act) => change(() => revoke(db, name, act)),
    close: async () => close(),
  };
}

export function asKey(row: Row): StoredKey {
  // Only `create` writes here, what `newKey` has checked.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const settings = JSON.parse(text(row, 'settings')) as KeySettings;
  const when = <Name extends string>(column: string, name: Name) =>
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    (row[column] === null ? {} : { [name]: number(row, column) }) as { [K in Name]?: number };
  const previous =
    row['previous'] === null
      ? {}
      : { previous: { digest: text(row, 'previous'), untilMs: number(row, 'previous_until_ms') } };
  return {
    name: text(row, 'name'),
    digest: text(row, 'digest'),
    ...settings,
    ...previous,
    createdMs: number(row, 'created_ms'),
    createdBy: text(row, 'created_by'),
    ...when('expires_ms', 'expiresMs'),
    ...when('revoked_ms', 'revokedMs'),
  };
}

const VERSION = 'keys-version';

function log(db: DatabaseSync, event: AuditKind, key: StoredKey, act: Act): void {
  raiseVersion(db, VERSION);
  append(db, event, act, keyDetail(key));
}

/** What the audit log has of a key. */
export const keyDetail = ({
  name,
  role,
  team,
}: Pick<StoredKey, 'name' | 'role' | 'team'>): Detail => ({
  key: name,
  role,
  ...(team === undefined ? {} : { team }),
});

function create(db: DatabaseSync, key: StoredKey, act: Act): void {
  const { name, digest, createdMs, createdBy, expiresMs, ...settings } = key;
  if (db.prepare('SELECT 1 FROM keys WHERE name = ?').get(name) !== undefined) {
    throw nameTaken(name);
  }
  db.prepare(
    `INSERT INTO keys (name, digest, settings, created_ms, created_by, expires_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
  ).run(name, digest, JSON.stringify(settings), createdMs, createdBy, expiresMs ?? null);
  log(db, 'key_created', key, act);
}

function existing(db: DatabaseSync, name: string): StoredKey {
  const row = db.prepare('SELECT * FROM keys WHERE name = ?').get(name);
  if (row !== undefined) return asKey(row);
  throw noSuchKey(name);
}

export const nameTaken = (name: string): GatewayError =>
  new GatewayError(
    'caller_invalid',
    `There is a key '${name}' already, or was once: records and owners refer to it. Choose another name, or rotate it.`,
    { param: 'name' },
  );

export const noSuchKey = (name: string): GatewayError =>
  new GatewayError(
    'caller_not_found',
    `No key '${name.slice(0, 80)}' is in the store. \`smallfirst keys list\` shows those that are; one of the configuration is changed there.`,
  );

/** @throws GatewayError for a key that cannot be used any more */
export function requireUsable({ name, revokedMs, expiresMs }: StoredKey, atMs: number): void {
  if (revokedMs === undefined && (expiresMs === undefined || expiresMs > atMs)) return;
  const why = revokedMs === undefined ? 'has expired' : 'is revoked';
  throw new GatewayError(
    'caller_invalid',
    `Key '${name}' ${why}: create another one, under another name.`,
    { param: 'name' },
  );
}

function rotate(
  db: DatabaseSync,
  name: string,
  { digest, graceUntilMs }: { readonly digest: string; readonly graceUntilMs: number },
  act: Act,
): StoredKey {
  const key = existing(db, name);
  requireUsable(key, act.atMs);
  db.prepare(
    'UPDATE keys SET previous = digest, previous_until_ms = ?, digest = ? WHERE name = ?',
  ).run(graceUntilMs, digest, name);
  log(db, 'key_rotated', key, act);
  return existing(db, name);
}

function revoke(db: DatabaseSync, name: string, act: Act): StoredKey {
  const key = existing(db, name);
  if (key.revokedMs !== undefined) return key;
  db.prepare('UPDATE keys SET revoked_ms = ? WHERE name = ?').run(act.atMs, name);
  log(db, 'key_revoked', key, act);
  return existing(db, name);
}

/** Names and teams of the keys in a file; none where it cannot be read, which whoever opens it for good will say. */
export function keysInFile(
  path: string,
): readonly { readonly name: string; readonly team: string | undefined }[] {
  try {
    using db = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    return db
      .prepare('SELECT * FROM keys WHERE revoked_ms IS NULL')
      .all()
      .map(asKey)
      .map(({ name, team, labels }) => ({ name, team: team ?? labels['team'] }));
  } catch {
    return [];
  }
}
