/** Policy versions, activations and the audit log on SQLite: in the ledger's file, with their own connection. */
import type { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../core/errors.ts';
import type {
  Act,
  Activation,
  ActivationKind,
  AuditEvent,
  AuditKind,
  Detail,
  PolicyStore,
  PolicyVersion,
} from '../core/policy-store.ts';
import { hashOf, verifyChain } from './audit-chain.ts';
import { explain } from './sqlite-errors.ts';
import { openDatabase } from './sqlite-open.ts';

/**
 * `path`: the ledger's file, or `:memory:`. Reads take microseconds and each change one short
 * transaction, on the calling thread: there are a handful a day.
 * @throws GatewayError that says what is wrong with the file and what to do
 */
export function sqlitePolicies(path: string): PolicyStore {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw new GatewayError('gateway_internal', explain(error, path), { cause: error });
    }
  };
  const db = guarded(() => openDatabase(path));
  /** Runs `work` in one transaction, with no other writer in between. */
  const change = <T>(work: () => T): T =>
    guarded(() => {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      }
    });
  return {
    save: async (version) => change(() => save(db, version)),
    get: async (version) => guarded(() => versionOf(db, version)),
    list: async () => guarded(() => versions(db)),
    active: async () => guarded(() => active(db)),
    activate: async (version, act, detail) => change(() => activate(db, version, act, detail)),
    back: async (kind, act, detail) => change(() => back(db, kind, act, detail)),
    seenInFile: async () => guarded(() => setting(db, FILE)),
    seeInFile: async (version) => change(() => saveSetting(db, FILE, version)),
    noteDigest: async (...seen) => change(() => noteDigest(db, seen)),
    record: async (event, act, detail) => change(() => append(db, event, act, detail)),
    audit: async () => guarded(() => audit(db)),
    verify: async () => guarded(() => verifyChain(audit(db), everWritten(db))),
    close: async () => db.close(),
  };
}

const FILE = 'policy-file';

type PolicyRow = Readonly<Record<string, unknown>>;

const text = (row: PolicyRow, column: string): string => String(row[column]);
const number = (row: PolicyRow, column: string): number => Number(row[column]);

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

const asVersion = (row: PolicyRow): PolicyVersion => ({
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

interface ActivationRow extends Activation {
  /** The activation that a rollback returns to. */
  readonly back: number | null;
}

function placeAt(db: DatabaseSync, seq: number | undefined): ActivationRow | undefined {
  const row =
    seq === undefined
      ? db.prepare('SELECT * FROM activations ORDER BY seq DESC LIMIT 1').get()
      : db.prepare('SELECT * FROM activations WHERE seq = ?').get(seq);
  if (row === undefined) return undefined;
  return {
    seq: number(row, 'seq'),
    version: text(row, 'version'),
    // Only `enter` writes here.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    kind: text(row, 'kind') as ActivationKind,
    back: row['back'] === null ? null : number(row, 'back'),
  };
}

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
    throw new GatewayError(
      'caller_not_found',
      `No policy version '${version.slice(0, 40)}' is stored. \`smallfirst policy list\` shows those that are.`,
    );
  }
  const present = placeAt(db, undefined);
  if (present?.version === version) return present;
  const entered = enter(db, version, 'activated', present?.seq ?? null);
  append(db, 'policy_activated', act, { version, before: present?.version ?? null, ...detail });
  return entered;
}

/**
 * Rollback history is a stack. A version that was rolled back from is never a rollback target again, so two rollbacks cannot
 * oscillate.
 */
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

function append(db: DatabaseSync, event: AuditKind, act: Act, detail: Detail): void {
  const last = db.prepare('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1').get();
  const said = act.note === '' ? detail : { ...detail, note: act.note };
  const link = {
    seq: last === undefined ? 1 : number(last, 'seq') + 1,
    atMs: act.atMs,
    who: act.who,
    event,
    detail: JSON.stringify(said),
    previous: last === undefined ? '' : text(last, 'hash'),
  };
  db.prepare(
    'INSERT INTO audit (seq, at_ms, who, event, detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(link.seq, link.atMs, link.who, event, link.detail, link.previous, hashOf(link));
}

const audit = (db: DatabaseSync): readonly AuditEvent[] =>
  db
    .prepare('SELECT * FROM audit ORDER BY seq')
    .all()
    .map((row) => ({
      seq: number(row, 'seq'),
      atMs: number(row, 'at_ms'),
      who: text(row, 'who'),
      // Only `append` writes here; rows from elsewhere do not verify.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      event: text(row, 'event') as AuditKind,
      detail: text(row, 'detail'),
      previous: text(row, 'previous'),
      hash: text(row, 'hash'),
    }));

/** The highest number that the AUTOINCREMENT table ever had, which SQLite remembers. */
function everWritten(db: DatabaseSync): number {
  const row = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'audit'").get();
  return row === undefined ? 0 : number(row, 'seq');
}
