import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { mayUse, ownerOf, type Owners } from '../../core/owners.ts';
import { sqliteOwners } from './owners.ts';
import { sqlitePolicies } from './policies.ts';
import { databaseThread } from '../sqlite/thread.ts';
import { openStateFile } from '../sqlite/state-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-owners-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const open = (path: string): Owners =>
  sqliteOwners({
    file: openStateFile(path),
    thread: databaseThread(path),
    nowMs: () => performance.now(),
  });

const act = { who: 'ana', note: '', atMs: 1 };

test('an owner is known at once, after a restart, and to another process', async () => {
  const path = join(folder, `${files++}.db`);
  const owners = open(path);
  owners.own({ id: 'file_1', owner: 'key:a', upstream: 'cloud' });
  expect(owners.of('file_1')).toEqual({ id: 'file_1', owner: 'key:a', upstream: 'cloud' });
  expect(owners.of('file_2')).toBeUndefined();
  await owners.close();
  const again = open(path);
  expect(again.of('file_1')).toEqual({ id: 'file_1', owner: 'key:a', upstream: 'cloud' });
  await again.close();
});

test('who adopts is in the audit log, and goes before who was', async () => {
  const file = openStateFile(':memory:');
  const owners = sqliteOwners({ file, thread: undefined, nowMs: () => 0 });
  owners.own({ id: 'file_1', owner: 'key:a', upstream: 'cloud' });
  await owners.adopt({ id: 'file_1', owner: 'key:b', upstream: '' }, act);
  expect(owners.of('file_1')).toEqual({ id: 'file_1', owner: 'key:b', upstream: 'cloud' });
  expect(await sqlitePolicies(file).audit()).toMatchObject([
    { event: 'owner_adopted', who: 'ana', detail: '{"id":"file_1","owner":"key:b"}' },
  ]);
});

const ids = ['f_1', 'f_2', 'f_3'] as const;
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ own: fc.constantFrom(...ids), by: fc.constantFrom('a', 'b') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ adopt: fc.constantFrom(...ids), by: fc.constantFrom('a', 'b') }),
  },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);

describe('whatever is owned, adopted and restarted', () => {
  test('the first owner stays until another adopts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const path = join(folder, `${files++}.db`);
        const model = new Map<string, string>();
        let owners = open(path);
        for (const each of steps) {
          if (each === 'restart') {
            await owners.close();
            owners = open(path);
          } else if ('own' in each) {
            owners.own({ id: each.own, owner: `key:${each.by}`, upstream: 'cloud' });
            if (!model.has(each.own)) model.set(each.own, `key:${each.by}`);
          } else {
            await owners.adopt({ id: each.adopt, owner: `key:${each.by}`, upstream: '' }, act);
            model.set(each.adopt, `key:${each.by}`);
          }
          for (const id of ids) expect((await owners.of(id))?.owner).toBe(model.get(id));
        }
        await owners.close();
      }),
      { numRuns: 25 },
    );
  });
});

test('a key has its own and what its team shares, and nothing by a name that looks alike', () => {
  const caller = { name: 'a', labels: {}, mayOverride: true };
  const sharing = { ...caller, team: 't', sharesWithTeam: true } as const;
  expect([ownerOf(caller), ownerOf(sharing), ownerOf({ ...caller, team: 't' })]).toEqual([
    'key:a',
    'team:t',
    'key:a',
  ]);
  expect(mayUse(sharing, { owner: 'team:t' })).toBe(true);
  expect(mayUse(sharing, { owner: 'key:a' })).toBe(true);
  for (const owner of ['key:b', 'team:a', 'team:u'] as const)
    expect(mayUse(sharing, { owner })).toBe(false);
  expect(mayUse({ ...caller, team: 't' }, { owner: 'team:t' })).toBe(false);
});
