/** A Postgres that is gone for half an hour, by a clock that is set: what becomes of free and paid requests meanwhile, and after it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { secret } from '../../src/lib/secret.ts';
import { openStores } from '../../src/stores/open.ts';
import { startTestGateway } from '../support/gateway-fixture.ts';
import { postgresOfFile } from '../support/postgres.ts';

const postgres = postgresOfFile();
const folder = mkdtempSync(join(tmpdir(), 'smallfirst-outage-'));
afterAll(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const MINUTE_MS = 60_000;
/** 50 tokens out at 10,000 nano-USD, one in at 1,000. */
const ANSWER_NANO = 501_000;
/** A slice holds ten answers. */
const LIMIT_USD = (200 * 10 * 520_000) / 1e9;

test('half an hour without Postgres: free requests are answered, paid ones use up the lease, and every row comes after', async () => {
  // The clock alone: timers and the monotonic clock go on.
  vi.useFakeTimers({ toFake: ['Date'] });
  const url = await postgres.database();
  const stores = await openStores(
    { kind: 'postgres', url: secret(url), outbox: join(folder, 'outbox.db') },
    { nowMs: () => performance.now(), onLedgerProblem: () => {} },
  );
  const whole = await startTestGateway({
    stores,
    cloudMore: ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }',
    cloud: { behaviour: () => ({ kind: 'answer', usage: { prompt: 1, completion: 50 } }) },
    config: `budgets: [{ name: all, usd: ${LIMIT_USD}, per: all }]`,
  });
  const ask = async (model: string): Promise<number> => {
    const answer = await whole.chat('2 + 2?', { model, max_tokens: 50 });
    await answer.text();
    return answer.status;
  };
  const lagSeconds = async (): Promise<number> => {
    const metrics = await (await fetch(`${whole.gateway.url}/metrics`)).text();
    return Number(/^smallfirst_ledger_lag_seconds ([\d.e+]+)$/m.exec(metrics)?.[1]);
  };
  for (let at = 0; at < 3; at += 1) expect(await ask('cloud/gpt-4o')).toBe(200);
  const booked = 'SELECT coalesce(sum(booked), 0)::int AS nano FROM leases';
  await expect.poll(() => postgres.rows(url, booked)).toEqual([{ nano: 3 * ANSWER_NANO }]);

  postgres.crash();
  const paid: number[] = [];
  const startedMs = Date.now();
  for (let minute = 1; minute <= 30; minute += 1) {
    vi.setSystemTime(startedMs + minute * MINUTE_MS);
    expect(await ask('small')).toBe(200);
    paid.push(await ask('cloud/gpt-4o'));
  }
  // What was leased is served, and then nothing more that is paid for.
  expect(new Set(paid)).toEqual(new Set([200, 503]));
  expect(paid.lastIndexOf(200)).toBeLessThan(paid.indexOf(503));
  expect(await lagSeconds()).toBeGreaterThan(25 * 60);
  expect((await fetch(`${whole.gateway.url}/readyz`)).ok).toBe(true);

  await postgres.start();
  await expect.poll(() => ask('cloud/gpt-4o')).toBe(200);
  const calls = whole.cloud.requests.length;
  await expect
    .poll(() => postgres.rows(url, 'SELECT state, count(*)::int AS calls FROM attempts GROUP BY 1'))
    .toEqual([{ state: 'settled', calls }]);
  await expect.poll(() => postgres.rows(url, booked)).toEqual([{ nano: calls * ANSWER_NANO }]);
  await expect.poll(lagSeconds).toBe(0);
  const records = "SELECT count(*)::int AS records FROM records WHERE upstream = 'local'";
  expect(await postgres.rows(url, records)).toEqual([{ records: 30 }]);
  await whole.close();
});
