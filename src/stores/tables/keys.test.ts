import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Act } from '../../core/policy-store.ts';
import { sqliteKeys } from './keys.ts';
import { sqlitePolicies } from './policies.ts';
import { openStateFile } from '../sqlite/state-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const settings = { role: 'data', labels: { a: 'b' }, mayOverride: true, account: false } as const;
const key = (name: string) => ({ name, digest: name, ...settings, createdMs: 1, createdBy: 'ana' });
const at = (atMs: number): Act => ({ who: 'ana', note: '', atMs });

test('what one process changes another one sees, with a version that grows', async () => {
  const path = join(folder, 'state.db');
  const [here, there] = [sqliteKeys(path), sqliteKeys(path)];
  expect([await there.version(), await there.list()]).toEqual([0, []]);
  await here.create({ ...key('bot'), team: 'shop', expiresMs: 90 }, at(1));
  expect(await there.list()).toEqual([{ ...key('bot'), team: 'shop', expiresMs: 90 }]);
  await there.rotate('bot', { digest: 'new', graceUntilMs: 50 }, at(2));
  expect((await here.list())[0]).toMatchObject({
    digest: 'new',
    previous: { digest: 'bot', untilMs: 50 },
  });
  expect((await here.revoke('bot', at(3))).revokedMs).toBe(3);
  expect((await here.revoke('bot', at(4))).revokedMs).toBe(3);
  expect(await there.version()).toBe(3);
  await Promise.all([here.close(), there.close()]);
});

test('a name is never taken twice, and what is over is not rotated', async () => {
  const keys = sqliteKeys(':memory:');
  await keys.create(key('bot'), at(1));
  await keys.create({ ...key('old'), expiresMs: 5 }, at(1));
  await keys.revoke('bot', at(2));
  await expect(keys.create({ ...key('bot'), digest: 'other' }, at(3))).rejects.toThrow(
    "There is a key 'bot' already",
  );
  const to = { digest: 'next', graceUntilMs: 9 };
  await expect(keys.rotate('bot', to, at(3))).rejects.toThrow('is revoked');
  await expect(keys.rotate('old', to, at(5))).rejects.toThrow('has expired');
  await expect(keys.rotate('none', to, at(3))).rejects.toThrow("No key 'none'");
  await expect(keys.revoke('none', at(3))).rejects.toThrow("No key 'none'");
  expect(await keys.version()).toBe(3);
});

test('keys and policies write into one audit log', async () => {
  const file = openStateFile(':memory:');
  const [keys, policies] = [sqliteKeys(file), sqlitePolicies(file)];
  await keys.create(key('bot'), at(1));
  await policies.record('policy_reload_refused', at(2), {});
  await keys.revoke('bot', at(3));
  const events = (await policies.audit()).map(({ event, who }) => [event, who]);
  expect(events).toEqual([
    ['key_created', 'ana'],
    ['policy_reload_refused', 'ana'],
    ['key_revoked', 'ana'],
  ]);
  expect(await policies.verify()).toMatchObject({ ok: true, events: 3 });
});
