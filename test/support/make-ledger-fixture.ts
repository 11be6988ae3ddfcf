/**
 * Writes a ledger as this version leaves it, and what is in it, so that later versions are tested on a file that they did not write.
 * Run by hand, once for each schema: `npm run ledger-fixture`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AttemptEnd } from '../../src/core/attempt-log.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import { openLedgerTools, openStores, type Stores } from '../../src/stores/open.ts';
import { aRecord, anAttempt } from './record.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 10, 28, 23, 59, 59, 900);
const act = { who: 'ana', note: 'for the fixture', atMs: START_MS };

/** Answered, failed, refused, streamed, checked and hung up, over three days. */
const RECORDS: readonly UsageRecord[] = Array.from({ length: 60 }, (_, at) => {
  const id = `req_${String(at).padStart(4, '0')}`;
  const paid = anAttempt({
    tier: 'large',
    upstream: 'cloud',
    model: 'gpt-4o',
    locality: 'cloud',
    answeredModel: 'gpt-4o-2024-08-06',
    cost: {
      totalNanoUsd: 57_000 + at,
      kinds: { input: 7_000, output: 50_000 + at },
      source: 'list',
    },
  });
  const { decision: _decision, ...undecided } = aRecord();
  const common = { id, atMs: START_MS + at * 3_600_000, stream: at % 2 === 0 };
  switch (at % 5) {
    case 0:
      return aRecord({ ...common, attempts: [anAttempt({ latencyMs: 100 + at })] });
    case 1:
      return aRecord({ ...common, caller: 'shop', attempts: [paid] });
    case 2:
      return aRecord({ ...common, attempts: [anAttempt({ outcome: 'failed' }), paid] });
    case 3:
      return { ...undecided, ...common, attempts: [], outcome: 'refused', status: 400 };
    default:
      return aRecord({ ...common, outcome: 'aborted', status: 499, attempts: [paid] });
  }
});

const ACCOUNT = {
  key: '["gateway","","all","",0]',
  scope: { kind: 'gateway' },
  startMs: 0,
  endMs: Infinity,
  limitNanoUsd: 1_000_000_000,
  budget: 'all',
} as const;

async function paidCalls({ attempts }: Stores): Promise<void> {
  for (let at = 0; at < 40; at += 1) {
    const id = `att_${String(at).padStart(4, '0')}`;
    const atMs = START_MS + at * 3_600_000;
    await attempts.open({
      id,
      requestId: `req_${at}`,
      atMs,
      caller: at % 2 === 0 ? 'bot' : 'shop',
      team: at % 2 === 0 ? null : 'sales',
      upstream: 'cloud',
      model: 'gpt-4o',
      prices: 'list',
      reservedNanoUsd: 100_000 + at,
      limits: [ACCOUNT],
    });
    const state: AttemptEnd['state'] =
      at % 4 === 0 ? 'unknown' : at % 4 === 1 ? 'released' : 'settled';
    const used = { unknown: 100_000 + at, released: 0, settled: 57_000 + at };
    attempts.end({ id, atMs: atMs + 900, state, usedNanoUsd: used[state] });
  }
}

async function fill(stores: Stores): Promise<void> {
  const { ledger, policies, keys, budgets, owners, claims, sessions } = stores;
  for (const each of RECORDS) ledger.append(each);
  await paidCalls(stores);
  const settings = { labels: { data: 'own' }, mayOverride: false, account: false } as const;
  for (const [name, role] of [
    ['bot', 'data'],
    ['ana', 'admin'],
  ] as const) {
    const digest = name.padEnd(64, '0');
    const key = { name, role, digest, ...settings, createdMs: 1, createdBy: 'ana' };
    await keys.create({ ...key, team: 'sales', expiresMs: START_MS + 365 * DAY_MS }, act);
  }
  await keys.rotate('bot', { digest: 'b'.repeat(64), graceUntilMs: START_MS + DAY_MS }, act);
  await keys.revoke('ana', act);
  const budget = { usd: 50, per: 'month', zone: 'Europe/Madrid', unpriced: 'refuse' } as const;
  await budgets.set({ name: 'all', scope: 'gateway', ...budget, warnAt: [0.8], pace: true }, act);
  await budgets.mayWarn(ACCOUNT.key, 0.8, START_MS);
  for (const version of ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']) {
    const source = { name: 'own', text: `name: own # ${version}`, file: 'own.yaml' };
    await policies.save({ version, ...source, author: 'ana', atMs: START_MS, note: '' });
    await policies.activate(version, act);
  }
  await policies.back('rolled_back', act);
  owners.own({ id: 'file_1', owner: 'key:bot', upstream: 'cloud' });
  owners.own({ id: 'vs_1', owner: 'team:sales', upstream: '' });
  await ledger.addFeedback({ requestId: 'req_0001', atMs: START_MS, caller: 'bot', score: -1 });
  const claim = { id: 'c', body: 'digest', requestId: 'req_0001', atMs: START_MS };
  await claims.claim(claim, START_MS - DAY_MS);
  const times = { createdMs: START_MS, seenMs: START_MS, expiresMs: START_MS + DAY_MS };
  await sessions.add({ digest: 's', keyDigest: 'k', agent: 'Firefox', ...times });
  await ledger.flush();
}

const folder = mkdtempSync(join(tmpdir(), 'ledger-fixture-'));
const path = join(folder, 'state.db');
const settings = { kind: 'sqlite', path } as const;
const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };
const stores = await openStores(settings, tools);
await fill(stores);
const { totals } = await stores.ledger.figures.totals({
  fromMs: 0,
  toMs: START_MS + 9 * DAY_MS,
  filters: {},
});
await stores.close();
const file = new DatabaseSync(path);
const { user_version: schema } = file.prepare('PRAGMA user_version').get() ?? {};
file.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE; VACUUM');
file.close();
const ledger = openLedgerTools(settings);
let calls = 0;
for await (const { nanoUsd } of ledger.calls({ sinceMs: 0, untilMs: START_MS + 9 * DAY_MS }))
  calls += nanoUsd;
const check = await ledger.check();
await ledger.end();
const { records, attempts, unknown, unknownNanoUsd, auditEvents } = check;
const known = { schema, records: RECORDS, totals, account: ACCOUNT.key, paidNanoUsd: calls };
const counts = { records, attempts, unknown, unknownNanoUsd, auditEvents };
const out = process.argv[2] ?? '.';
writeFileSync(join(out, `ledger-schema-${String(schema)}.db.gz`), gzipSync(readFileSync(path)));
writeFileSync(
  join(out, `ledger-schema-${String(schema)}.json.gz`),
  gzipSync(JSON.stringify({ ...known, counts })),
);
rmSync(folder, { recursive: true });
