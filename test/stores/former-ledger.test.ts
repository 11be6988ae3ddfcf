/** Ledgers that were written by earlier versions, as `make-ledger-fixture.ts` left them: each opens, and says what it said. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { UsageRecord } from '../../src/core/record.ts';
import { openForReading, openLedgerTools, openStores } from '../../src/stores/open.ts';
import { rounded } from '../support/rounded.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const folder = mkdtempSync(join(tmpdir(), 'former-ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Known {
  readonly records: readonly UsageRecord[];
  readonly totals: object;
  readonly account: string;
  readonly paidNanoUsd: number;
  readonly counts: object;
}

const names = readdirSync(FIXTURES)
  .filter((name) => /^ledger-schema-\d+\.db\.gz$/.test(name))
  .map((name) => name.replace('.db.gz', ''));

const unpacked = (file: string): Buffer => gunzipSync(readFileSync(join(FIXTURES, file)));

/** After what it holds. */
const END_MS = Date.UTC(2026, 11, 8);
const ACCOUNT = { scope: { kind: 'gateway' }, startMs: 0, endMs: Infinity } as const;
const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };

describe.each(names)('%s', (name) => {
  const known: Known = JSON.parse(String(unpacked(`${name}.json.gz`)));
  const path = join(folder, `${name}.db`);
  writeFileSync(path, unpacked(`${name}.db.gz`));
  const settings = { kind: 'sqlite', path } as const;

  test('has its records, figures and money, also while it is only read', async () => {
    const { counts, records, totals, paidNanoUsd } = known;
    const stores = await openStores(settings, tools);
    const page = await stores.ledger.list({ limit: 1000 });
    expect(page.records.toReversed()).toEqual(records);
    const window = { fromMs: 0, toMs: END_MS, filters: {} };
    expect(rounded((await stores.ledger.figures.totals(window)).totals)).toEqual(rounded(totals));
    // Another process's: what it had committed is everybody's.
    const [now] = await stores.attempts.committed([{ key: known.account, ...ACCOUNT }]);
    expect(now?.nanoUsd).toBe(paidNanoUsd);
    expect(await stores.ledger.feedbackOn('req_0001')).toMatchObject([{ score: -1 }]);
    await stores.close();

    const ledger = openLedgerTools(settings);
    expect(await ledger.check()).toMatchObject({ ...counts, problems: [] });
    let nanoUsd = 0;
    for await (const call of ledger.calls({ sinceMs: 0, untilMs: END_MS })) nanoUsd += call.nanoUsd;
    expect(nanoUsd).toBe(paidNanoUsd);
    await ledger.end();
    const reader = openForReading(settings);
    expect(await reader.get('req_0001')).toEqual(records[1]);
    await reader.close();
  });

  test('has its keys, budgets, policies, owners, claims and sessions', async () => {
    const stores = await openStores(settings, tools);
    expect(await stores.keys.list()).toMatchObject([
      { name: 'ana', role: 'admin', team: 'sales', revokedMs: expect.any(Number) },
      {
        name: 'bot',
        role: 'data',
        digest: 'b'.repeat(64),
        previous: { digest: expect.any(String) },
      },
    ]);
    expect(await stores.budgets.list()).toMatchObject([
      { settings: { name: 'all', usd: 50, per: 'month', zone: 'Europe/Madrid', pace: true } },
    ]);
    expect(await stores.budgets.mayWarn(known.account, 0.8, END_MS)).toBe(false);
    expect(await stores.policies.active()).toMatchObject({ version: 'aaaaaaaaaaaa' });
    expect(await stores.policies.verify()).toMatchObject({ ok: true });
    expect(await stores.owners.of('file_1')).toMatchObject({ owner: 'key:bot', upstream: 'cloud' });
    expect(await stores.owners.of('vs_1')).toMatchObject({ owner: 'team:sales' });
    const claim = { id: 'c', body: 'other', requestId: 'req_9', atMs: END_MS };
    expect(await stores.claims.claim(claim, 0)).toEqual({ body: 'digest', requestId: 'req_0001' });
    expect(await stores.sessions.get('s')).toMatchObject({ keyDigest: 'k', agent: 'Firefox' });
    await stores.close();
  });
});
