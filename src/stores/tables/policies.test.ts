import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import type { Act, PolicyVersion } from '../../core/policy-store.ts';
import { sqlitePolicies } from './policies.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-policies-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `${(files += 1)}`, 'state.db');

const ana: Act = { who: 'ana', note: '', atMs: 1000 };
const version = (name: string, over: Partial<PolicyVersion> = {}): PolicyVersion => ({
  version: name,
  name: 'mine',
  text: `name: ${name}`,
  file: 'mine.yaml',
  author: 'ana',
  atMs: 1,
  note: '',
  ...over,
});

async function withVersions(path: string, ...names: readonly string[]) {
  const store = sqlitePolicies(path);
  for (const [index, name] of names.entries()) await store.save(version(name, { atMs: index }));
  return store;
}

describe('versions', () => {
  test('are kept as first saved, newest first', async () => {
    const store = await withVersions(':memory:', 'a', 'b');
    await store.save(version('a', { author: 'eve', text: 'other' }));
    expect(await store.get('a')).toEqual(version('a', { atMs: 0 }));
    expect((await store.list()).map((each) => each.version)).toEqual(['b', 'a']);
    expect(await store.get('c')).toBeUndefined();
  });

  test('outlive the process, and are visible to others who have the file open', async () => {
    const path = newFile();
    const store = await withVersions(path, 'a');
    const other = sqlitePolicies(path);
    await store.activate('a', ana);
    expect(await other.active()).toMatchObject({ version: 'a' });
    await Promise.all([store.close(), other.close()]);
    const again = sqlitePolicies(path);
    expect(await again.active()).toMatchObject({ version: 'a' });
    await again.close();
  });

  test('that were never saved cannot be activated', async () => {
    const store = await withVersions(':memory:');
    await expect(store.activate('x', ana)).rejects.toMatchObject({ code: 'caller_not_found' });
    expect(await store.audit()).toEqual([]);
  });
});

describe('rollback', () => {
  test('activates the previous version, then the one before it, then none', async () => {
    const store = await withVersions(':memory:', 'a', 'b', 'c');
    for (const each of ['a', 'b', 'c']) await store.activate(each, ana);
    const versions = [];
    for (let each = 0; each < 3; each++) {
      versions.push((await store.back('rolled_back', ana))?.version);
    }
    expect(versions).toEqual(['b', 'a', undefined]);
    expect(await store.active()).toMatchObject({ version: 'a', kind: 'rolled_back' });
  });

  test('never activates a version that was rolled back from', async () => {
    const store = await withVersions(':memory:', 'a', 'b', 'c');
    await store.activate('a', ana);
    await store.activate('b', ana);
    await store.back('stepped_back', ana);
    await store.activate('c', ana);
    expect((await store.back('stepped_back', ana))?.version).toBe('a');
  });

  test('happens once for one broken guard, even if two gateways see it', async () => {
    const store = await withVersions(':memory:', 'a', 'b', 'c');
    for (const each of ['a', 'b', 'c']) await store.activate(each, ana);
    expect(await store.back('stepped_back', ana, { from: 'c' })).toMatchObject({ version: 'b' });
    expect(await store.back('stepped_back', ana, { from: 'c' })).toBeUndefined();
    expect(await store.active()).toMatchObject({ version: 'b' });
  });

  test('activating the active version changes nothing', async () => {
    const store = await withVersions(':memory:', 'a');
    const first = await store.activate('a', ana);
    expect(await store.activate('a', ana)).toMatchObject({ seq: first.seq });
    expect(await store.audit()).toHaveLength(1);
  });
});

test('a digest is new if the model had another before, and once', async () => {
  const store = sqlitePolicies(':memory:');
  const seen = [];
  for (const digest of ['x', 'x', 'y', 'x', 'y', 'z']) {
    seen.push(await store.noteDigest('local', 'm', digest));
  }
  seen.push(await store.noteDigest('local', 'other', 'x'));
  expect(seen).toEqual([false, false, true, false, false, true, false]);
});

describe('the audit log', () => {
  async function written(): Promise<string> {
    const path = newFile();
    const store = await withVersions(path, 'a', 'b', 'c');
    for (const each of ['a', 'b', 'c']) await store.activate(each, { ...ana, note: 'try it' });
    await store.close();
    return path;
  }

  /** Changes the file directly, as an attacker with access to it could. */
  async function after(path: string, sql: string) {
    const db = new DatabaseSync(path);
    db.exec('DROP TRIGGER audit_stays; DROP TRIGGER audit_is_kept;');
    db.exec(sql);
    db.close();
    const store = sqlitePolicies(path);
    const verified = await store.verify();
    await store.close();
    return verified;
  }

  test('records who did what, when and why, and verifies', async () => {
    const store = sqlitePolicies(await written());
    const events = await store.audit();
    expect(events).toMatchObject([
      { seq: 1, who: 'ana', atMs: 1000, event: 'policy_activated', previous: '' },
      { seq: 2, previous: events[0]?.hash },
      { seq: 3, detail: '{"version":"c","before":"b","note":"try it"}' },
    ]);
    expect(await store.verify()).toEqual({ ok: true, events: 3, head: events[2]?.hash });
    await store.close();
  });

  test.each(["UPDATE audit SET who = 'eve'", 'DELETE FROM audit WHERE seq = 3'])(
    'refuses %s',
    async (sql) => {
      const db = new DatabaseSync(await written());
      expect(() => db.exec(sql)).toThrow('the audit log is only added to');
      db.close();
    },
  );

  test.each([
    ["UPDATE audit SET who = 'eve' WHERE seq = 2", 2, 'its content is not what was written'],
    ['DELETE FROM audit WHERE seq = 2', 2, 'the row is missing'],
    ['DELETE FROM audit WHERE seq = 1', 1, 'the row is missing'],
    ['DELETE FROM audit WHERE seq = 3', 3, 'the row is missing'],
    ["UPDATE audit SET previous = 'x' WHERE seq = 3", 3, 'it does not continue the row before'],
    ['UPDATE audit SET seq = seq + 10 WHERE seq = 3', 3, 'the row is missing'],
  ])('%s: row %i is named', async (sql, seq, problem) => {
    expect(await after(await written(), sql)).toEqual({ ok: false, seq, problem });
  });

  test('an empty one verifies', async () => {
    expect(await sqlitePolicies(':memory:').verify()).toEqual({ ok: true, events: 0, head: '' });
  });
});

test('a file that is no database gives a clear error', () => {
  expect(() => sqlitePolicies('package.json')).toThrow(/store 'package.json'.*choose another/);
});

test('a file of the previous schema is migrated, its records unchanged', async () => {
  const path = join(folder, 'old.db');
  const old = new DatabaseSync(path);
  old.exec(`CREATE TABLE records (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at_ms REAL NOT NULL,
    caller TEXT NOT NULL, upstream TEXT, outcome TEXT NOT NULL, cost_nano_usd INTEGER, record TEXT NOT NULL) STRICT;
    CREATE INDEX records_by_time ON records (at_ms DESC, id DESC);
    INSERT INTO records VALUES (1, 'r', 1, 'c', NULL, 'answered', NULL, '{}');
    PRAGMA application_id = 1397573169; PRAGMA user_version = 1;`);
  old.close();
  const store = await withVersions(path, 'a');
  await store.activate('a', ana);
  await store.close();
  const now = new DatabaseSync(path);
  expect(now.prepare('SELECT id, record FROM records').all()).toEqual([{ id: 'r', record: '{}' }]);
  expect(now.prepare('SELECT version FROM policies').all()).toEqual([{ version: 'a' }]);
  now.close();
});
