/** Policy versions, activations and the audit log on SQLite: in the ledger's file, with their own connection. */
import type { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../../core/errors.ts';
import type {
  Act,
  Activation,
  ActivationKind,
  Detail,
  PolicyStore,
  PolicyVersion,
} from '../../core/policy-store.ts';
import { verifyChain } from './audit-chain.ts';
import { append, audit, everWritten } from './audit-log.ts';
import { number, text, type Row } from '../sqlite/row.ts';
import { stateFile, type StateFile } from '../sqlite/state-file.ts';

/**
 * `at`: the ledger's file, or `:memory:`. Reads take microseconds and each change one short
 * transaction, on the calling thread: there are a handful a day.
 * @throws GatewayError that says what is wrong with the file and what to do
 */
export function sqlitePolicies(at: string | StateFile): PolicyStore {
  const { db, read, change, close } = stateFile(at);
  return {
    save: async (version) => change(() => save(db, version)),
    get: async (version) => read(() => versionOf(db, version)),
    list: async () => read(() => versions(db)),
    active: async () => read(() => active(db)),
    activate: async (version, act, detail) => change(() => activate(db, version, act, detail)),
    back: async (kind, act, detail) => change(() => back(db, kind, act, detail)),
    seenInFile: async () => read(() => setting(db, FILE)),
    seeInFile: async (version) => change(() => saveSetting(db, FILE, version)),
    noteDigest: async (...seen) => change(() => noteDigest(db, seen)),
    record: async (event, act, detail) => change(() => append(db, event, act, detail)),
    audit: async () => read(() => audit(db)),
    verify: async () => read(() => verifyChain(audit(db), everWritten(db))),
    close: async () => close(),
  };
}

export const noSuchVersion = (version: string): GatewayError =>
  new GatewayError(
    'caller_not_found',
    `No policy version '${version.slice(0, 40)}' is stored. \`smallfirst policy list\` shows those that are.`,
  );

const FILE = 'policy-file';

function save(db: DatabaseSync, version: PolicyVersion): void {
  db.prepare(
    `INSERT INTO policies (version, name, text, file, author, at_ms, note)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (version) DO NOTHING`,
  ).run(
    version.version,
    version.name,
    version.text,
    version.file,
    version.author,
    version.atMs,
    version.note,
  );
}

export const asVersion = (row: Row): PolicyVersion => ({
  version: text(row, 'version'),
  name: text(row, 'name'),
  text: text(row, 'text'),
  file: text(row, 'file'),
  author: text(row, 'author'),
  atMs: number(row, 'at_ms'),
  note: text(row, 'note'),
});

function versionOf(db: DatabaseSync, version: string): PolicyVersion | undefined {
  const row = db.prepare('SELECT * FROM policies WHERE version = ?').get(version);
  return row === undefined ? undefined : asVersion(row);
}

/** Newest first. */
export const versions = (db: DatabaseSync): readonly PolicyVersion[] =>
  db.prepare('SELECT * FROM policies ORDER BY at_ms DESC, rowid DESC').all().map(asVersion);

export interface ActivationRow extends Activation {
  /** The activation that a rollback returns to. */
  readonly back: number | null;
}

function placeAt(db: DatabaseSync, seq: number | undefined): ActivationRow | undefined {
  const row =
    seq === undefined
      ? db.prepare('SELECT * FROM activations ORDER BY seq DESC LIMIT 1').get()
      : db.prepare('SELECT * FROM activations WHERE seq = ?').get(seq);
  if (row === undefined) return undefined;
  return asActivation(row);
}

export const asActivation = (row: Row): ActivationRow => ({
  seq: number(row, 'seq'),
  version: text(row, 'version'),
  // Only `enter` writes here.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  kind: text(row, 'kind') as ActivationKind,
  back: row['back'] === null ? null : number(row, 'back'),
});

function active(db: DatabaseSync): Activation | undefined {
  const place = placeAt(db, undefined);
  return place && { seq: place.seq, version: place.version, kind: place.kind };
}

function enter(
  db: DatabaseSync,
  version: string,
  kind: ActivationKind,
  from: number | null,
): Activation {
  const { lastInsertRowid } = db
    .prepare('INSERT INTO activations (version, kind, back) VALUES (?, ?, ?)')
    .run(version, kind, from);
  return { seq: Number(lastInsertRowid), version, kind };
}

function activate(db: DatabaseSync, version: string, act: Act, detail: Detail = {}): Activation {
  if (versionOf(db, version) === undefined) {
    throw noSuchVersion(version);
  }
  const present = placeAt(db, undefined);
  if (present?.version === version) return present;
  const entered = enter(db, version, 'activated', present?.seq ?? null);
  append(db, 'policy_activated', act, { version, before: present?.version ?? null, ...detail });
  return entered;
}

/** Rollback history is a stack. A version that was rolled back from is never a target again, so two rollbacks cannot oscillate. */
function back(
  db: DatabaseSync,
  kind: 'rolled_back' | 'stepped_back',
  act: Act,
  detail: Detail & { readonly from?: string } = {},
): Activation | undefined {
  const present = placeAt(db, undefined);
  if (present === undefined || present.back === null) return undefined;
  if (detail.from !== undefined && detail.from !== present.version) return undefined;
  const earlier = placeAt(db, present.back);
  if (earlier === undefined) return undefined;
  const entered = enter(db, earlier.version, kind, earlier.back);
  const said = { ...detail, version: earlier.version, from: present.version };
  append(db, kind === 'rolled_back' ? 'policy_rolled_back' : 'policy_stepped_back', act, said);
  return entered;
}

function setting(db: DatabaseSync, name: string): string | undefined {
  const row = db.prepare('SELECT value FROM marks WHERE name = ?').get(name);
  return row === undefined ? undefined : text(row, 'value');
}

function saveSetting(db: DatabaseSync, name: string, value: string): void {
  db.prepare(
    'INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  ).run(name, value);
}

function noteDigest(
  db: DatabaseSync,
  [upstream, model, digest]: readonly [upstream: string, model: string, digest: string],
): boolean {
  const known = db
    .prepare('SELECT digest FROM model_digests WHERE upstream = ? AND model = ?')
    .all(upstream, model)
    .map((row) => text(row, 'digest'));
  if (known.includes(digest)) return false;
  db.prepare('INSERT INTO model_digests (upstream, model, digest) VALUES (?, ?, ?)').run(
    upstream,
    model,
    digest,
  );
  return known.length > 0;
}
