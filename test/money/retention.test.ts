/** What is kept for how long, and `/admin/ledger`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepRetention } from '../../src/assembly/retention.ts';
import { openLedgerTools, openPolicyStore } from '../../src/stores/open.ts';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { HARD, startTestGateway } from '../support/gateway-fixture.ts';
import { aRecord } from '../support/record.ts';

const DAY_MS = 86_400_000;
const NOW_MS = 1_790_000_000_000;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'retention-'));
});
afterAll(async () => await rm(folder, { recursive: true }));

test('what is older than store.keepDays is deleted at the start, and it is said and noted', async () => {
  const path = join(folder, 'old.db');
  const ledger = await sqliteLedger({ path, nowMs: () => performance.now() });
  const daysAgo = [0, 29, 31, 400];
  for (const days of daysAgo)
    ledger.append(aRecord({ id: `d${days}`, atMs: NOW_MS - days * DAY_MS }));
  await ledger.close();
  const store = { kind: 'sqlite', path, keepDays: 30 } as const;
  const life = new AbortController();
  const said = await new Promise<string>((resolve, reject) => {
    const log = { info: resolve, warn: (line: string) => reject(new Error(line)) };
    keepRetention(store, { log, epochMs: () => NOW_MS, life: life.signal });
  });
  life.abort();
  expect(said).toBe('Deleted 2 records and 0 attempts older than 30 days.');
  const tools = openLedgerTools(store);
  expect(await tools.check()).toMatchObject({ problems: [], records: 2 });
  await tools.end();
  const policies = openPolicyStore(store);
  expect(await policies.audit()).toMatchObject([
    {
      event: 'ledger_pruned',
      who: 'gateway',
      detail: expect.stringContaining('store.keepDays: 30'),
    },
  ]);
  await policies.close();
});

test('/admin/ledger says how it stands, prunes, and takes no member that it does not know', async () => {
  const { gateway, chat, close } = await startTestGateway({
    store: 'sqlite',
    cloudMore: ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }',
  });
  await (await chat(HARD)).text();
  const standing = await fetch(`${gateway.url}/admin/ledger`);
  expect(await standing.json()).toMatchObject({
    kind: 'sqlite',
    keepDays: null,
    dropped: 0,
    problem: null,
    missingRows: 0,
    openIntents: 0,
    unreconciledUsd: 0,
    oldestUnreconciledMs: null,
  });
  const prune = (body: object) =>
    fetch(`${gateway.url}/admin/ledger/prune`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect(await (await prune({ keepDays: 1 })).json()).toEqual({ records: 0, attempts: 0 });
  for (const wrong of [{}, { keepDays: 0 }, { keepDays: 1.5 }, { keepDays: 1, dryRun: true }]) {
    const refused = await prune(wrong);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error: { code: 'invalid_value' } });
  }
  await close();
});
