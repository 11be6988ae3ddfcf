/** Budgets that are set beside a running gateway: by a command, by the admin API, with a key. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  budgetAdmin,
  openBudgetStore,
  shownKeys,
  spentBeside,
  storedKeys,
} from '../../src/offline.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openKeyStore, openPolicyStore } from '../../src/stores/open.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { adminCaller, bearer } from '../support/admin-call.ts';
import { type Setup, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const ADMIN = 'admin-key-0123456789';
/** A token of output is 10,000 nano-USD, and one of input 1,000. */
const cloudMore = ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }';
/** What each answer of the cloud costs. */
const ANSWER_NANO = 50 * 10_000 + 1_000;

async function start(setup: Setup = {}): Promise<WholeGateway> {
  return await open({
    cloudMore,
    cloud: { behaviour: () => ({ kind: 'answer', usage: { prompt: 1, completion: 50 } }) },
    config: "auth: { mode: keys, adminKey: '${ADMIN}' }",
    env: { ADMIN },
    store: 'sqlite',
    ...setup,
  });
}

const admin = adminCaller(ADMIN);

const ask = async (whole: WholeGateway, secret: string): Promise<number> => {
  const body = { model: 'cloud/gpt-4o', max_tokens: 50 };
  const answer = await whole.chat('2 + 2?', body, { headers: bearer(secret) });
  await answer.text();
  return answer.status;
};

const madeKey = async (whole: WholeGateway, key: object): Promise<string> =>
  String((await admin(whole, 'POST', 'keys', key)).body['secret']);

const kept = ({ folder }: WholeGateway) =>
  ({ kind: 'sqlite', path: join(folder, 'state.db') }) as const;

test('a budget that a command sets holds within a second, and counts what was spent before it', async () => {
  const whole = await start();
  const secret = await madeKey(whole, { name: 'bot' });
  expect(await ask(whole, secret)).toBe(200);
  const { budgets: store, spending } = openBudgetStore(kept(whole));
  const keys = openKeyStore(kept(whole));
  const commands = budgetAdmin(
    { budgets: [] },
    {
      store,
      stateOf: spentBeside(spending, Date.now),
      keys: () => shownKeys(loadConfig({ env: {}, kinds: upstreamKinds }), keys),
    },
  );
  const act = { who: 'ana', note: '', atMs: Date.now() };
  const given = { name: 'bots', scope: { key: 'bot' }, usd: 0.0006, per: 'day' };
  expect(await commands.set(given, act)).toMatchObject({ name: 'bots', from: 'store' });
  await expect
    .poll(async () => (await commands.list())[0])
    .toMatchObject({ spentUsd: ANSWER_NANO / 1e9, reservedUsd: 0 });
  await expect.poll(() => ask(whole, secret)).toBe(429);
  await commands.remove('bots', act);
  await expect.poll(() => ask(whole, secret)).toBe(200);
  await expect(commands.remove('bots', act)).rejects.toThrow("No budget 'bots' is in the store");
  await Promise.all([store.close(), keys.close()]);
});

test('the admin API sets, shows and removes budgets, and the audit log says who did', async () => {
  const whole = await start({
    config: `auth: { mode: keys, adminKey: '\${ADMIN}' }
budgets: [{ name: fixed, usd: 5, per: month }]`,
  });
  const secret = await madeKey(whole, { name: 'bot', team: 'shop' });
  const set = await admin(whole, 'POST', 'budgets', {
    name: 'shop-day',
    scope: { team: 'shop' },
    usd: 0.0006,
    per: 'day',
    zone: 'Europe/Madrid',
  });
  expect([set.status, set.body]).toMatchObject([
    200,
    { name: 'shop-day', from: 'store', set: { by: 'admin key' }, spentUsd: 0, leftUsd: 0.0006 },
  ]);
  expect([await ask(whole, secret), await ask(whole, secret)]).toEqual([200, 429]);
  const own = await fetch(`${whole.gateway.url}/v1/key`, { headers: bearer(secret) });
  expect(await own.json()).toMatchObject({
    budgets: [
      { name: 'fixed', limitUsd: 5, reservedUsd: 0 },
      {
        name: 'shop-day',
        scope: { kind: 'team', name: 'shop' },
        per: 'day',
        spentUsd: ANSWER_NANO / 1e9,
        resetsMs: expect.any(Number),
      },
    ],
  });
  expect((await admin(whole, 'DELETE', 'budgets/shop-day')).status).toBe(200);
  expect(await ask(whole, secret)).toBe(200);
  expect((await admin(whole, 'DELETE', 'budgets/shop-day')).status).toBe(404);
  const { body } = await admin(whole, 'GET', 'budgets');
  expect(body['budgets']).toMatchObject([{ name: 'fixed', from: 'configuration' }]);
  expect(await auditOf(whole)).toMatchObject([
    { event: 'key_created' },
    { event: 'budget_set', who: 'admin key', detail: expect.stringContaining('team shop') },
    { event: 'budget_removed', who: 'admin key' },
  ]);
});

async function auditOf(whole: WholeGateway) {
  const policies = openPolicyStore(kept(whole));
  const events = await policies.audit();
  await policies.close();
  return events.filter(({ event }) => /^(budget|key)_/.test(event));
}

test.each([
  [{ usd: 0, per: 'day' }, 'usd'],
  [{ usd: -1, per: 'day' }, 'usd'],
  [{ usd: 0.1234567891, per: 'day' }, 'usd'],
  [{ usd: 1, per: 'year' }, 'per'],
  [{ usd: 1, per: 'day', zone: 'Mars/Base' }, 'zone'],
  [{ usd: 1, per: 'day', scope: { key: 'nobody' } }, 'scope.key'],
  [{ usd: 1, per: 'day', scope: { team: 'nobody' } }, 'scope.team'],
  [{ usd: 1, per: 'day', warnAt: [1.5] }, 'warnAt.0'],
  [{ usd: 1, per: 'day', limit: 5 }, ''],
  [{ usd: 1, per: 'day', name: 'fixed' }, 'name'],
])('refuses %j and keeps nothing of it', async (given, param) => {
  const whole = await start({
    config: `auth: { mode: keys, adminKey: '\${ADMIN}' }
budgets: [{ name: fixed, usd: 5, per: month }]`,
  });
  const { status, body } = await admin(whole, 'POST', 'budgets', { name: 'new', ...given });
  expect([status, body]).toMatchObject([400, { error: { code: 'invalid_value', param } }]);
  const list = (await admin(whole, 'GET', 'budgets')).body['budgets'];
  expect(list).toMatchObject([{ name: 'fixed', usd: 5 }]);
});

test('a key is made with its budget, or neither is', async () => {
  const whole = await start();
  const secret = await madeKey(whole, { name: 'bot', budget: { usd: 0.0006, per: 'month' } });
  expect([await ask(whole, secret), await ask(whole, secret)]).toEqual([200, 429]);
  const again = await admin(whole, 'POST', 'keys', { name: 'bot', budget: { usd: 1, per: 'day' } });
  expect([again.status, again.body]).toMatchObject([400, { error: { param: 'budget' } }]);
  await admin(whole, 'DELETE', 'budgets/bot');
  const taken = await admin(whole, 'POST', 'keys', { name: 'bot', budget: { usd: 1, per: 'day' } });
  expect([taken.status, taken.body]).toMatchObject([400, { error: { param: 'name' } }]);
  expect((await admin(whole, 'GET', 'budgets')).body['budgets']).toEqual([]);
});

test('a budget of the configuration may name a key that is only in the store', async () => {
  const whole = await start();
  await madeKey(whole, { name: 'bot', labels: { team: 'shop' } });
  const file = join(whole.folder, 'other.yaml');
  const load = (scope: string) => {
    writeFileSync(
      file,
      `store: { kind: sqlite, path: state.db }\nbudgets: [{ name: b, scope: ${scope}, usd: 1, per: day }]`,
    );
    return loadConfig({ file, env: {}, kinds: upstreamKinds, storedKeys });
  };
  expect(load('{ key: bot }').budgets).toHaveLength(1);
  expect(load('{ team: shop }').budgets).toHaveLength(1);
  expect(() => load('{ key: bod }')).toThrow(/no key is called `bod`; did you mean `bot`/);
});

test('says once a period that a share is spent: to people, and as a metric', async () => {
  const whole = await start({
    config: `auth: { mode: keys, adminKey: '\${ADMIN}' }
budgets: [{ name: day, usd: 0.002, per: day, warnAt: [0.2, 0.5] }]`,
  });
  const secret = await madeKey(whole, { name: 'bot' });
  const warnings = () => whole.said.filter((line) => line.includes("'day'"));
  expect(await ask(whole, secret)).toBe(200);
  await expect.poll(warnings).toHaveLength(1);
  expect(warnings()[0]).toMatch(
    /^Of the budget 'day' more than 20 % is spent: 0\.000501 of 0\.002 USD; it begins anew at .* \(UTC\)\.$/,
  );
  for (let time = 0; time < 2; time += 1) expect(await ask(whole, secret)).toBe(200);
  await expect.poll(warnings).toHaveLength(2);
  expect(warnings()[1]).toContain('more than 50 %');
  const headers = bearer(ADMIN);
  const metrics = await (await fetch(`${whole.gateway.url}/metrics`, { headers })).text();
  expect(metrics).toContain('smallfirst_budget_warnings_total{scope="day"} 2');
});
