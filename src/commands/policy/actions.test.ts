import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '../../config/load.ts';
import type { Act } from '../../core/policy-store.ts';
import { upstreamKinds } from '../../upstreams/index.ts';
import { openPolicyActions } from './actions.ts';
import { auditTable, versionTable } from './format-versions.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
let stores = 0;

function desk(store = `{ kind: sqlite, path: ${(stores += 1)}.db }`) {
  const file = join(folder, `${stores}.yaml`);
  writeFileSync(file, `store: ${store}\n`);
  return openPolicyActions({
    config: loadConfig({ file, env: {}, kinds: upstreamKinds }),
    cwd: folder,
  });
}

writeFileSync(join(folder, 'mine.yaml'), 'name: mine\nobjective: { quality: 0.9 }\n');
writeFileSync(join(folder, 'unended.yaml'), 'name: mine\nobjective: { quality: 0.9 }');
writeFileSync(
  join(folder, 'canary.yaml'),
  'name: mine\nmode: { canary: 0.1 }\nobjective: { quality: 0.9 }\n',
);
writeFileSync(join(folder, 'wrong.yaml'), 'name: mine\nobjectve: { quality: 0.9 }\n');

const ana = (note = ''): Act => ({ who: 'ana', note, atMs: Date.UTC(2026, 2, 2, 12) });

test('a file is activated, compared and rolled back', async () => {
  const it = desk();
  const first = await it.activate('mine.yaml', ana('as it was'));
  const second = await it.activate('canary.yaml', ana());
  const { versions, active } = await it.list();
  expect(active).toBe(second.version);
  expect(versionTable(versions, active)).toMatch(
    /^ +version +name +saved +author +note\n\* +\w{12} +mine +2026-03-02 12:00:00Z +ana\n +\w{12} +mine +2026-03-02 12:00:00Z +ana +as it was$/,
  );
  expect(await it.diff(first.version.slice(0, 6), 'active')).toBe(
    `--- mine@${first.version}\n+++ mine@${second.version}\n@@ -1,2 +1,3 @@\n name: mine\n+mode: { canary: 0.1 }\n objective: { quality: 0.9 }`,
  );
  expect(await it.diff('mine.yaml', first.version)).toBe('');
  expect(await it.diff('mine.yaml', 'unended.yaml')).toBe('');
  expect((await it.rollback(ana('too early'))).version).toBe(first.version);
  await expect(it.rollback(ana())).rejects.toThrow('There is no version to go back to');
  const lines = auditTable(await it.audit()).split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[3]).toMatch(/^3 .* ana +policy_rolled_back .*"note":"too early"/);
  expect(await it.verify()).toMatchObject({ ok: true, events: 3 });
  await it.close();
});

test('a policy that a gateway would refuse is not activated', async () => {
  const it = desk();
  await expect(it.activate('wrong.yaml', ana())).rejects.toThrow(
    /wrong\.yaml:2:1 {2}unknown key `objectve`; did you mean `objective`\?/,
  );
  await expect(it.activate('0123abcd', ana())).rejects.toThrow("begins with '0123abcd'");
  await expect(it.activate('ofline', ana())).rejects.toThrow('did you mean `offline`?');
  expect(versionTable((await it.list()).versions, undefined)).toMatch(/^No policy was ever/);
  expect(await it.audit()).toEqual([]);
  await it.close();
});

test('a store in memory is refused', () => {
  expect(() => desk('{ kind: memory }')).toThrow(/memory.*Set store: \{ kind: sqlite \}/);
});
