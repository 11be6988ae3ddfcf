import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRecord } from '../../test/support/record.ts';
import type { StoreSettings } from '../core/store.ts';
import { secret } from '../lib/secret.ts';
import { ledgerPages } from './ledger-pages.ts';
import { openForReading, openPolicyStore, openStores, unreadable } from './open.ts';

let folder: string;
let sqlite: StoreSettings & { readonly path: string };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-open-'));
  sqlite = { kind: 'sqlite', path: join(folder, 'state.db') };
});
afterEach(() => rm(folder, { recursive: true }));

const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };
const version = {
  version: '0123456789ab',
  name: 'one',
  text: 'name: one',
  file: 'one.yaml',
  author: 'ana',
  atMs: 1,
  note: '',
};

test('a gateway’s file is read while it runs', async () => {
  const stores = await openStores(sqlite, tools);
  stores.ledger.append(aRecord({ id: 'req_1', atMs: 10 }));
  stores.ledger.append(aRecord({ id: 'req_2', atMs: 20 }));
  await stores.ledger.flush();
  await stores.policies.save(version);
  const reader = openForReading(sqlite);
  expect(await reader.get('req_1')).toEqual(aRecord({ id: 'req_1', atMs: 10 }));
  expect(await reader.get('req_9')).toBeUndefined();
  expect(await reader.policyVersions()).toEqual([version]);
  const pages: (readonly string[])[] = [];
  for await (const page of ledgerPages(reader, 0, 1)) pages.push(page.map(({ id }) => id));
  expect(pages).toEqual([['req_2'], ['req_1']]);
  await reader.close();
  await stores.close();
});

test('closing makes every record durable', async () => {
  const stores = await openStores(sqlite, tools);
  stores.ledger.append(aRecord({ id: 'req_1' }));
  await stores.close();
  const reader = openForReading(sqlite);
  expect(await reader.get('req_1')).toBeDefined();
  await reader.close();
});

test('a gateway without a file keeps everything in memory, and makes none', async () => {
  const stores = await openStores({ kind: 'memory' }, tools);
  stores.ledger.append(aRecord({ id: 'req_1' }));
  expect(await stores.ledger.get('req_1')).toBeDefined();
  await stores.policies.save(version);
  expect(await stores.policies.list()).toEqual([version]);
  await stores.close();
  expect(await readdir(folder)).toEqual([]);
});

test('nothing can be read beside a gateway’s memory, and it says why', () => {
  const why = /store\.kind is memory.*GET \/admin\/requests.*--records/;
  expect(unreadable({ kind: 'memory' })).toMatch(why);
  expect(() => openForReading({ kind: 'memory' })).toThrow(why);
});

test('a Postgres that is not there is said in a sentence without its password', async () => {
  const outbox = join(folder, 'outbox.db');
  const url = secret('postgres://user:pass-7f3a91@127.0.0.1:9/ledger');
  const opening = openStores({ kind: 'postgres', url, outbox }, tools);
  await expect(opening).rejects.toThrow(
    'The store postgres://127.0.0.1:9/ledger: nothing listens there; see that Postgres runs',
  );
  await expect(opening).rejects.not.toThrow('7f3a91');
  expect(await readdir(folder)).toEqual([]);
});

test('reading does not create a missing file', async () => {
  expect(() => openForReading(sqlite)).toThrow(`There is no ledger at ${sqlite.path} yet`);
  expect(await readdir(folder)).toEqual([]);
});

test('policies in a gateway’s memory cannot be changed from another process', () => {
  expect(() => openPolicyStore({ kind: 'memory' })).toThrow(
    "store.kind 'memory' keeps no policies that a command could see",
  );
});

test('a command may activate a policy before the first start', async () => {
  const store = openPolicyStore(sqlite);
  await store.save(version);
  await store.close();
  const stores = await openStores(sqlite, tools);
  expect(await stores.policies.list()).toEqual([version]);
  await stores.close();
});
