/** A policy's life in the whole gateway: changed, mistaken, tried, shadowed, put in force, taken back. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import { openPolicyStore } from '../../src/stores/open.ts';
import { EASY, HARD, simplePolicy, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const start = gatewayPerTest();

const named = (name: string, more = ''): string =>
  `name: ${name}\nobjective: { complexityBelow: 0.5 }\n${more}\n`;

const edit = (whole: WholeGateway, text: string): Promise<void> =>
  writeFile(join(whole.folder, 'policy.yaml'), text);

interface Status {
  readonly name: string;
  readonly version: string;
  readonly mode: string;
  readonly problem: { readonly problems: readonly { readonly message: string }[] } | null;
}

async function admin<T>(whole: WholeGateway, path: string): Promise<T> {
  const answer = await fetch(`${whole.gateway.url}/admin/${path}`);
  return (await answer.json()) as T;
}

const status = (whole: WholeGateway): Promise<Status> => admin<Status>(whole, 'policy');

describe('the policy file', () => {
  test('is followed when it is saved: the next request is decided anew', async () => {
    const whole = await start();
    expect((await whole.chat(HARD)).headers.get('x-smallfirst-tier')).toBe('large');
    await edit(whole, named('small-only', 'rules: [{ name: all, when: "true", use: small }]'));
    await expect.poll(async () => (await status(whole)).name).toBe('small-only');
    const answer = await whole.chat(HARD);
    expect(answer.headers.get('x-smallfirst-rule')).toBe('all');
    expect(answer.headers.get('x-smallfirst-tier')).toBe('small');
  });

  test('with a mistake leaves the last good one in force, and says where the mistake is', async () => {
    const whole = await start();
    await edit(whole, named('bad', 'rules: [{ name: all, when: "tru", use: small }]'));
    await whole.gateway.reload();
    const told = await status(whole);
    expect(told).toMatchObject({ name: 'test', problem: { problems: [{ line: 3, column: 29 }] } });
    expect(whole.said.at(-1)).toMatch(/policy\.yaml:3:29 .*\n.*test@\w{12} stays in force/s);
    expect((await whole.chat(EASY)).headers.get('x-smallfirst-policy')).toMatch(/^test@/);
  });

  test('that waits for a budget says so once when it comes into force, at the start and later', async () => {
    const waits =
      'constraints: [{ name: spent, when: budget.spentShare >= 1.0, require: { locality: local } }]';
    const whole = await start({ policy: named('first', waits) });
    const ofBudget = () => whole.said.filter((line) => line.includes('no budget'));
    const first = 'policy first: `spent` can never hold: no budget is configured';
    expect(ofBudget()).toEqual([first]);
    await edit(whole, 'a mistake');
    await whole.gateway.reload();
    expect(ofBudget()).toEqual([first]);
    await edit(whole, named('second', 'mode: observe'));
    await whole.gateway.reload();
    expect(ofBudget()).toEqual([first]);
    await edit(whole, named('third', waits));
    await whole.gateway.reload();
    expect(ofBudget()).toEqual([first, first.replace('first', 'third')]);
  });

  test('changes under a request that is under way, which keeps its own', async () => {
    const goOn = Promise.withResolvers<void>();
    const gated = { kind: 'answer', gate: () => goOn.promise } as const;
    const whole = await start({ local: { behaviour: () => gated } });
    const pending = whole.chat(EASY);
    await whole.local.nextRequest();
    await edit(whole, named('later', 'mode: observe'));
    await whole.gateway.reload();
    expect((await whole.chat(EASY)).headers.get('x-smallfirst-policy')).toMatch(/^later@/);
    goOn.resolve();
    const answer = await pending;
    expect(answer.headers.get('x-smallfirst-policy')).toMatch(/^test@/);
    expect((await whole.record(answer)).decision?.policy.name).toBe('test');
  });
});

describe('versions', () => {
  const activate = (whole: WholeGateway, version: string, init: RequestInit = {}) =>
    fetch(`${whole.gateway.url}/admin/policies/${version}/activate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      ...init,
    });

  test('are listed, put in force by the admin API, and refused when they are none', async () => {
    const whole = await start();
    const first = await status(whole);
    await edit(whole, named('second'));
    await whole.gateway.reload();
    const { policies } = await admin<{ policies: readonly Record<string, unknown>[] }>(
      whole,
      'policies',
    );
    expect(policies).toMatchObject([
      { name: 'second', isActive: true },
      { name: 'test', isActive: false, version: first.version },
    ]);
    expect(policies[0]).not.toHaveProperty('text');
    const answer = await activate(whole, first.version, { body: '{"note":"back"}' });
    expect(await answer.json()).toMatchObject({ name: 'test', version: first.version });
    expect((await whole.chat(EASY)).headers.get('x-smallfirst-policy')).toMatch(/^test@/);
    expect((await activate(whole, 'ffffffffffff')).status).toBe(404);
  });

  test('need the admin key, and a body that a page of another site cannot send', async () => {
    const keys = `auth: { mode: keys, adminKey: '\${ADMIN}', keys: [{ name: bot, key: '\${BOT}' }] }`;
    const whole = await start({ config: keys, env: { ADMIN: 'sesame', BOT: 'bot-key' } });
    const { url } = whole.gateway;
    for (const path of ['policy', 'policies']) {
      const bot = { authorization: 'Bearer bot-key' };
      expect((await fetch(`${url}/admin/${path}`, { headers: bot })).status).toBe(401);
      const boss = { authorization: 'Bearer sesame' };
      expect((await fetch(`${url}/admin/${path}`, { headers: boss })).status).toBe(200);
    }
    expect((await activate(whole, 'ffffffffffff')).status).toBe(401);
    const plain = { 'content-type': 'text/plain', authorization: 'Bearer sesame' };
    expect((await activate(whole, 'ffffffffffff', { headers: plain })).status).toBe(415);
  });

  test('put in force and taken back beside the running gateway are followed within a second', async () => {
    const whole = await start({ store: 'sqlite' });
    const before = await status(whole);
    await edit(whole, named('second'));
    await whole.gateway.reload();
    const store = openPolicyStore(
      loadConfig({ file: join(whole.folder, 'smallfirst.yaml'), env: {}, kinds: upstreamKinds })
        .store,
    );
    await store.back('rolled_back', { who: 'bo', note: 'too dear', atMs: Date.now() });
    await expect.poll(async () => (await status(whole)).version).toBe(before.version);
    expect(await store.verify()).toMatchObject({ ok: true, events: 3 });
    await store.close();
  });
});

test('a canary routes its share of conversations, the same ones every time', async () => {
  const whole = await start({ policy: named('canary', 'mode: { canary: 0.3 }') });
  const tiers: (string | null)[] = [];
  for (let each = 0; each < 120; each++) {
    const init = { headers: { 'x-session-id': `s${each % 60}` } };
    tiers.push((await whole.chat(EASY, {}, init)).headers.get('x-smallfirst-tier'));
  }
  expect(tiers.slice(60)).toEqual(tiers.slice(0, 60));
  const small = tiers.slice(0, 60).filter((tier) => tier === 'small').length;
  // 18 of 60 are expected; the draw is a hash of fixed names, so this is no matter of chance.
  expect(small).toBeGreaterThan(10);
  expect(small).toBeLessThan(27);
});

test('a mode for some keys is theirs alone', async () => {
  const modes = `mode: observe\nmodes: [{ when: 'key.labels.team == "support"', mode: on }]`;
  const config = `auth:
  mode: keys
  adminKey: '\${ADMIN}'
  keys:
    - { name: desk, key: '\${DESK}', labels: { team: support } }
    - { name: shop, key: '\${SHOP}', labels: { team: sales } }
    - { name: bare, key: '\${BARE}' }`;
  const env = { ADMIN: 'admin-key', DESK: 'desk-key', SHOP: 'shop-key', BARE: 'bare-key' };
  const whole = await start({ policy: named('by-team', modes), config, env });
  const tiers: (string | null)[] = [];
  for (const key of ['desk-key', 'shop-key', 'bare-key']) {
    const headers = { authorization: `Bearer ${key}` };
    tiers.push((await whole.chat(EASY, {}, { headers })).headers.get('x-smallfirst-tier'));
  }
  expect(tiers).toEqual(['small', 'large', 'large']);
});

describe('a shadow', () => {
  const shadowed = async (whole: WholeGateway, answer: Response): Promise<UsageRecord> => {
    const id = `${answer.headers.get('x-request-id')}_shadow`;
    await expect
      .poll(async () => (await fetch(`${whole.gateway.url}/admin/requests/${id}`)).status)
      .toBe(200);
    return await admin<UsageRecord>(whole, `requests/${id}`);
  };

  test('asks the small model what the large one answers, on a record of its own', async () => {
    const whole = await start({ policy: named('watch', 'mode: { shadow: 1 }') });
    const answer = await whole.chat(EASY);
    expect(answer.headers.get('x-smallfirst-tier')).toBe('large');
    const record = await shadowed(whole, answer);
    expect(record).toMatchObject({
      shadowOf: answer.headers.get('x-request-id'),
      outcome: 'answered',
      attempts: [{ upstream: 'local', shadow: true, outcome: 'ok' }],
      baselineNanoUsd: null,
    });
    expect(await whole.record(answer)).toMatchObject({ attempts: [{ upstream: 'cloud' }] });
    expect(whole.local.requests).toHaveLength(1);
    const metrics = await (await fetch(`${whole.gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/smallfirst_requests_total\{.*\} 1\n/);
    expect(metrics).toMatch(/smallfirst_upstream_attempts_total\{upstream="local".*\} 1\n/);
  });

  test('never takes to the cloud what must stay at home', async () => {
    const stays = 'constraints: [{ name: home, when: "true", require: { locality: local } }]';
    const whole = await start({ policy: named('home', `mode: { shadow: 1 }\n${stays}`) });
    for (let each = 0; each < 10; each++) await (await whole.chat(`${HARD} ${each}`)).text();
    await whole.gateway.reload();
    expect(whole.cloud.requests).toEqual([]);
    expect(whole.local.requests).toHaveLength(10);
  });
});

test('a policy that breaks its guard is stepped back from, with the reason on record', async () => {
  const down = { kind: 'error', status: 500 } as const;
  const whole = await start({ policy: simplePolicy(), local: { behaviour: () => down } });
  const before = await status(whole);
  const harmful = `rules: [{ name: all, when: "true", use: small }]
whenUnavailable: { small: refuse }
guards: { errorRate: 0.2, minRequests: 5 }`;
  await edit(whole, named('harmful', harmful));
  await whole.gateway.reload();
  for (let each = 0; each < 6; each++) expect((await whole.chat(EASY)).ok).toBe(false);
  await expect.poll(async () => (await status(whole)).version).toBe(before.version);
  expect(whole.said.at(-1)).toMatch(/^Guard errorRate of harmful@\w+: 100\.0 % of \d+ requests/);
  const metrics = await (await fetch(`${whole.gateway.url}/metrics`)).text();
  expect(metrics).toContain('smallfirst_policy_events_total{event="policy_stepped_back"} 1');
});
