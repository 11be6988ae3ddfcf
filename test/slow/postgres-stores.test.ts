/** The stores in Postgres keep what every kind of store keeps, and a file's store is moved there whole. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { isWhole } from '../../src/core/ledger-tools.ts';
import { secret } from '../../src/lib/secret.ts';
import {
  migrateStore,
  openForReading,
  openLedgerTools,
  openStores,
  type Stores,
} from '../../src/stores/open.ts';
import {
  DAY_MS,
  expectSameFigures,
  numbered,
  recordsOfDays,
  START_MS,
} from '../support/figures-contract.ts';
import { ledgerContract } from '../support/ledger-contract.ts';
import { postgresOfFile } from '../support/postgres.ts';
import { storesContract } from '../support/stores-contract.ts';

const postgres = postgresOfFile();
const folder = mkdtempSync(join(tmpdir(), 'stores-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };
const settingsOf = (url: string) =>
  ({ kind: 'postgres', url: secret(url), outbox: join(folder, `${files++}.db`) }) as const;
const openIn = async (url: string): Promise<Stores> => await openStores(settingsOf(url), tools);
const openNew = async (): Promise<Stores> => await openIn(await postgres.database());

/** The ledger alone; closing it closes the others. */
const ledgerNew = async () => {
  const { ledger, owners } = await openNew();
  const close = async (): Promise<void> => {
    await owners.close();
    await ledger.close();
  };
  return { ...ledger, close };
};

describe('the postgres ledger', () => ledgerContract(ledgerNew));
describe('stores in postgres', () => storesContract(openNew, true));

test('figures and lists of two replicas are those of the records', async () => {
  await fc.assert(
    fc.asyncProperty(recordsOfDays, async (all) => {
      const url = await postgres.database();
      const both = [await openIn(url), await openIn(url)] as const;
      for (const [at, each] of all.entries()) both[at % 2]!.ledger.append(each);
      // Sent again, as after a failure: it is counted once.
      both[0].ledger.append(all[0]!);
      for (const { ledger } of both) await ledger.flush();
      for (const { ledger } of both) await expectSameFigures(ledger.figures, all);
      for (const each of both) await each.close();
    }),
    { numRuns: 4 },
  );
});

test('what the large model may cost in an hour holds over replicas, whichever minute each is in', async () => {
  const url = await postgres.database();
  const [one, two] = [await openIn(url), await openIn(url)];
  const minute = (at: number): string => `["large","key","bot",${at}]`;
  // Minutes of now: those of long ago are forgotten while replicas open.
  const now = Math.floor(Date.now() / 60_000);
  const window = Array.from({ length: 61 }, (_, at) => minute(now - 60 + at));
  const intent = (id: string, at: number, reservedNanoUsd: number) => ({
    id,
    requestId: id,
    atMs: at * 60_000,
    caller: 'bot',
    team: null,
    upstream: 'cloud',
    model: 'm',
    prices: 'list',
    reservedNanoUsd,
    limits: [
      {
        key: minute(at),
        scope: { kind: 'key', name: 'bot' } as const,
        startMs: at * 60_000,
        endMs: (at + 1) * 60_000,
        limitNanoUsd: 1_000,
        budget: 'cap',
        window,
      },
    ],
  });
  expect((await one.attempts.open(intent('a', now - 1, 600))).refusedBy).toBeUndefined();
  expect(await two.attempts.open(intent('b', now, 401))).toMatchObject({ refusedBy: 'cap' });
  expect((await two.attempts.open(intent('c', now, 390))).refusedBy).toBeUndefined();
  expect(await one.attempts.open(intent('d', now, 11))).toMatchObject({ refusedBy: 'cap' });
  await one.close();
  await two.close();
});

test('replicas know how many they are, also of one that has said nothing for long', async () => {
  const url = await postgres.database();
  const one = await openIn(url);
  await expect.poll(() => one.replicas()).toBe(1);
  const two = await openIn(url);
  await expect.poll(() => two.replicas()).toBe(2);
  await one.close();
  await postgres.rows(
    url,
    "INSERT INTO boots VALUES ('silent', 'o', 'h', true, 0, now() - interval '2 minutes')",
  );
  const three = await openIn(url);
  await expect.poll(() => three.replicas()).toBe(2);
  await Promise.all([two.close(), three.close()]);
});

const act = { who: 'ana', note: '', atMs: 1 };

/** Records, paid calls, keys and the rest, as a gateway leaves them. */
async function fileStore(path: string) {
  const stores = await openStores({ kind: 'sqlite', path }, tools);
  const all = numbered(fc.sample(recordsOfDays, { numRuns: 60, seed: 7 }).flat());
  for (const each of all) stores.ledger.append(each);
  const account = {
    key: '["gateway","","all","",0]',
    scope: { kind: 'gateway' },
    startMs: 0,
    endMs: Infinity,
    limitNanoUsd: 1e9,
    budget: 'b',
  } as const;
  for (let at = 0; at < 700; at += 1) {
    await stores.attempts.open({
      id: `att_${String(at).padStart(4, '0')}`,
      requestId: `req_${at}`,
      atMs: START_MS + at,
      caller: 'bot',
      team: null,
      upstream: 'cloud',
      model: 'm',
      prices: 'list',
      reservedNanoUsd: 1_000 + at,
      limits: at < 100 ? [] : [account],
    });
    const state = at % 9 === 0 ? 'unknown' : 'settled';
    if (at % 50 !== 49)
      stores.attempts.end({
        id: `att_${String(at).padStart(4, '0')}`,
        atMs: START_MS + at,
        state,
        usedNanoUsd: at,
      });
  }
  await stores.policies.save({
    version: 'a',
    name: 'p',
    text: 'name: p',
    file: 'p',
    author: 'ana',
    atMs: 1,
    note: '',
  });
  await stores.policies.activate('a', act);
  const settings = { role: 'data', labels: {}, mayOverride: true, account: false } as const;
  await stores.keys.create(
    { name: 'bot', digest: 'd', ...settings, createdMs: 1, createdBy: 'ana' },
    act,
  );
  stores.owners.own({ id: 'file-1', owner: 'key:bot', upstream: 'cloud' });
  await stores.ledger.addFeedback({
    requestId: 'req_1',
    atMs: 5,
    caller: 'bot',
    score: 1,
    comment: 'good\0',
  });
  await stores.ledger.flush();
  await stores.close();
  return all;
}

describe('a file that is moved', () => {
  test('is in Postgres whole, also where that was interrupted, and budgets count as before', async () => {
    const path = join(folder, 'moved.db');
    const all = await fileStore(path);
    const url = await postgres.database();
    const settings = settingsOf(url);
    const interrupted = migrateStore(settings, path, (table) => {
      if (table === 'attempts') throw new Error('cut off');
    });
    await expect(interrupted).rejects.toThrow('cut off');
    await expect(openStores(settings, tools)).rejects.toThrow('holds a part of a ledger');
    const tables = await migrateStore(settings, path, () => {});
    expect(tables.filter((table) => !isWhole(table))).toEqual([]);
    expect(tables).toContainEqual(
      expect.objectContaining({ table: 'records', rows: [all.length, all.length] }),
    );
    await expect(migrateStore(settings, path, () => {})).rejects.toThrow('was copied already');

    const stores = await openStores(settings, tools);
    await expectSameFigures(stores.ledger.figures, all);
    expect(await stores.policies.verify()).toMatchObject({ ok: true });
    expect(await stores.policies.active()).toMatchObject({ version: 'a' });
    expect(await stores.keys.list()).toMatchObject([{ name: 'bot', digest: 'd' }]);
    expect(await stores.owners.of('file-1')).toMatchObject({ owner: 'key:bot' });
    expect(await stores.ledger.feedbackOn('req_1')).toMatchObject([
      { score: 1, comment: 'good\0' },
    ]);
    // What is spent is what it was in the file: settled, unknown as reserved, and what was under way.
    const file = openLedgerTools({ kind: 'sqlite', path });
    const moved = openLedgerTools(settings);
    const span = { sinceMs: 0, untilMs: START_MS + DAY_MS };
    const sums = [];
    for (const each of [file, moved]) {
      let nano = 0;
      for await (const call of each.calls(span)) nano += call.nanoUsd;
      sums.push(nano);
      await each.end();
    }
    expect(sums[0]).toBe(sums[1]);
    await stores.close();
  });

  test('is not forgotten beside Postgres: it is copied first, or moved away where both hold rows', async () => {
    const own = join(folder, 'both');
    const path = join(own, 'state.db');
    const [first] = await fileStore(path);
    const settings = { ...settingsOf(await postgres.database()), outbox: join(own, 'outbox.db') };
    await expect(openStores(settings, tools)).rejects.toThrow(
      `${path} holds a ledger, which Postgres has not: copy it with`,
    );
    expect(existsSync(settings.outbox)).toBe(false);
    const elsewhere = await openStores({ ...settings, outbox: join(folder, 'else.db') }, tools);
    elsewhere.ledger.append(first!);
    await elsewhere.close();
    await expect(openStores(settings, tools)).rejects.toThrow('and so does the database of');
    const empty = { ...settings, url: secret(await postgres.database()) };
    await migrateStore(empty, path, () => {});
    const stores = await openStores(empty, tools);
    await stores.close();
  });

  test('is not mixed with another ledger, nor copied while a gateway writes it', async () => {
    const path = join(folder, 'busy.db');
    const running = await openStores({ kind: 'sqlite', path }, tools);
    const settings = settingsOf(await postgres.database());
    await expect(migrateStore(settings, path, () => {})).rejects.toThrow('A gateway writes to');
    await running.close();
    const other = await openStores(settings, tools);
    await other.policies.record('policy_reload_refused', act, {});
    await expect(migrateStore(settings, path, () => {})).rejects.toThrow('is in use (a gateway)');
    await other.close();
    await expect(migrateStore(settings, path, () => {})).rejects.toThrow(
      'is in use (rows of another ledger)',
    );
    await expect(migrateStore({ kind: 'memory' }, path, () => {})).rejects.toThrow('Write `store:');
    await expect(migrateStore(settings, join(folder, 'none.db'), () => {})).rejects.toThrow(
      'There is no ledger at',
    );
  });
});

test('a command reads records and policies beside the replicas', async () => {
  const url = await postgres.database();
  const settings = settingsOf(url);
  const stores = await openStores(settings, tools);
  const [record] = numbered(fc.sample(recordsOfDays, { numRuns: 1, seed: 3 }).flat());
  stores.ledger.append(record!);
  const reader = openForReading(settings);
  await expect.poll(async () => (await reader.list({})).records).toEqual([record]);
  expect(await reader.get(record!.id)).toEqual(record);
  await reader.close();
  await stores.close();
});
