import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UsageRecord } from '../../src/core/record.ts';
import type { Report } from '../../src/analysis/report.ts';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';
import { anAttempt, aRecord } from '../support/record.ts';
import {
  EASY,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

const assetsOf = (page: string): readonly string[] =>
  [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);

test.each(['/dashboard', '/dashboard/requests', '/dashboard/requests/req_1', '/dashboard/policy'])(
  '%s is the page, and lets nothing run but itself',
  async (path) => {
    const answer = await fetch(whole.gateway.url + path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/html'),
    ]);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toContain('unsafe');
    const page = await answer.text();
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=/);
    expect(assetsOf(page)).not.toEqual([]);
  },
);

test('what the page loads is kept for ever, under a name of its content, and compressed', async () => {
  const page = await (await fetch(`${whole.gateway.url}/dashboard`)).text();
  for (const path of assetsOf(page)) {
    const sizes = new Map<string, number>();
    for (const encoding of ['br', 'gzip', 'identity']) {
      const answer = await fetch(whole.gateway.url + path, {
        headers: { 'accept-encoding': encoding },
      });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toContain('immutable');
      expect(answer.headers.get('content-encoding') ?? 'identity').toBe(encoding);
      sizes.set(await answer.text(), 0);
    }
    // Whichever way it was sent, it is the same.
    expect(sizes.size).toBe(1);
    expect(path).toMatch(/^\/dashboard\/assets\/[\w-]+-[\w-]{8}\.(?:js|css)$/);
  }
});

test.each([
  '/dashboard/../package.json',
  '/dashboard/%2e%2e%2fpackage.json',
  '/dashboard/x.js',
  '/dashboard/assets/x.js',
  '/dashboard/assets/..%2findex.html',
  '/dashboard/assets/index.html',
])('%s is not', async (path) => {
  expect((await fetch(whole.gateway.url + path)).status).toBe(404);
});

test('a policy in shadow is called so', async () => {
  const shadowing = await startTestGateway({ policy: simplePolicy('mode: { shadow: 0.5 }') });
  const about = await (await fetch(`${shadowing.gateway.url}/admin/about`)).json();
  expect(about).toMatchObject({ policy: { mode: 'shadow' } });
  await shadowing.close();
});

test('the page is told the policy and that nothing has to be noticed', async () => {
  const about = await (await fetch(`${whole.gateway.url}/admin/about`)).json();
  expect(about).toMatchObject({ policy: { name: 'test', mode: 'on' }, notice: null, ready: true });
});

describe('the report', () => {
  const report = async ({ gateway }: WholeGateway, query = ''): Promise<Report> => {
    const answer = await fetch(`${gateway.url}/admin/report${query}`);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Report;
  };

  test('counts no shadow as a request, but what shadows cost', async () => {
    const shadowing = await startTestGateway({ policy: simplePolicy('mode: { shadow: 1 }') });
    const shadows: UsageRecord[] = [];
    for (let each = 0; each < 4; each++) {
      const id = (await shadowing.chat(EASY)).headers.get('x-request-id');
      const url = `${shadowing.gateway.url}/admin/requests/${id}_shadow`;
      await expect.poll(async () => (await fetch(url)).status).toBe(200);
      shadows.push((await (await fetch(url)).json()) as UsageRecord);
    }
    const { requests, spending } = await report(shadowing);
    expect(requests).toMatchObject({ total: 4, small: 0, large: 4, smallShare: 0, shadows: 4 });
    expect(spending.total.attempts).toBe(8);
    const shadowNanoUsd = shadows.map(({ attempts: [only] }) => only?.cost?.totalNanoUsd ?? 0);
    expect(spending.purposes.shadow).toMatchObject({
      attempts: 4,
      nanoUsd: shadowNanoUsd.reduce((sum, nano) => sum + nano, 0),
    });
    await shadowing.close();
  });

  test('compares no request of which an attempt has no known price', async () => {
    const pricing = await startTestGateway({ store: 'sqlite' });
    const ledger = await sqliteLedger({ path: join(pricing.folder, 'state.db'), nowMs: () => 0 });
    const atMs = Date.now() - 1000;
    const unpriced = anAttempt({ outcome: 'failed', cost: null });
    ledger.append(aRecord({ id: 'req_1', atMs, attempts: [unpriced, anAttempt()] }));
    ledger.append(aRecord({ id: 'req_2', atMs }));
    await ledger.close();
    const { requests, spending, savings } = await report(pricing);
    expect(requests.total).toBe(2);
    expect(spending.total).toMatchObject({ attempts: 3, nanoUsd: 3_000, unpriced: 1 });
    expect(savings.money).toMatchObject({ requests: 1, unknown: 1, baseline: { low: 675_000 } });
    await pricing.close();
  });

  test('is of what came since then, and of the last 30 days if that is not said', async () => {
    const dated = await startTestGateway({ store: 'sqlite' });
    const ledger = await sqliteLedger({ path: join(dated.folder, 'state.db'), nowMs: () => 0 });
    const nowMs = Date.now();
    const ages = [1_000, 3_600_000, 31 * 86_400_000];
    for (const age of ages) ledger.append(aRecord({ id: `req_${age}`, atMs: nowMs - age }));
    await ledger.close();
    const totals = [];
    for (const query of [`?since=${nowMs - 60_000}`, '', '?since=0'])
      totals.push((await report(dated, query)).requests.total);
    expect(totals).toEqual([1, 2, 3]);
    await dated.close();
  });

  test.each(['30d', '-1', '', 'NaN'])(
    'since %j is refused, and what to write is said',
    async (since) => {
      const answer = await fetch(`${whole.gateway.url}/admin/report?since=${since}`);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        error: {
          param: 'since',
          message: `'since' must be a time in milliseconds since the epoch, such as 1767225600000, but is '${since}'.`,
        },
      });
    },
  );

  test('is behind the admin key', async () => {
    const keys = `auth: { mode: keys, adminKey: '\${ADMIN}', keys: [{ name: bot, key: '\${BOT}' }] }`;
    const env = { ADMIN: 'admin-'.repeat(8), BOT: 'bot-'.repeat(12) };
    const closed = await startTestGateway({ config: keys, env });
    const statuses = [];
    for (const key of ['', env.BOT, env.ADMIN]) {
      const headers = { authorization: `Bearer ${key}` };
      statuses.push((await fetch(`${closed.gateway.url}/admin/report`, { headers })).status);
    }
    expect(statuses).toEqual([401, 401, 200]);
    await closed.close();
  });
});
