import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { upstreamKinds as kinds } from '../upstreams/index.ts';
import { loadConfig } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const load = (key: string, env: Readonly<Record<string, string>>) => {
  const yaml = `auth: { mode: keys, keys: [{ name: a, key: '\${K}'${key} }] }`;
  writeFileSync(join(folder, 'smallfirst.yaml'), yaml);
  return loadConfig({ file: 'smallfirst.yaml', env, cwd: folder, kinds });
};

test.each([
  ['', '0.0.0.0', 'fifteen-letters', /1:44 {2}has fewer than 16 characters, which others/],
  [', upstreams: [clod]', '', 'k', 'there is no upstream `clod`; did you mean `cloud`?'],
  [', limits: { concurrent: 0 }', '', 'k', '`auth.keys[0].limits.concurrent` must be at least 1'],
  [', role: boss', '', 'k', '`auth.keys[0].role` must be one of `data`, `viewer`, `admin`'],
  [', residency: cloud', '', 'k', '`auth.keys[0].residency` must be `local`'],
])('a key with `%s` on host "%s" does not start', (more, host, secret, message) => {
  expect(() => load(more, { SMALLFIRST_HOST: host, K: secret })).toThrow(message);
});

test('a key of sixteen characters starts anywhere, a shorter one on this machine', () => {
  expect(load('', { SMALLFIRST_HOST: '0.0.0.0', K: 'sixteen-letters.' }).auth.mode).toBe('keys');
  expect(load('', { SMALLFIRST_HOST: '127.0.0.1', K: 'abc' }).auth.mode).toBe('keys');
});

test('keys may all stand in the store', () => {
  writeFileSync(join(folder, 'none.yaml'), 'auth: { mode: keys }');
  const { auth } = loadConfig({ file: 'none.yaml', env: {}, cwd: folder, kinds });
  expect(auth).toEqual({ mode: 'keys', keys: [], teams: [] });
});
