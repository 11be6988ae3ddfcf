/** Budgets as a caller meets them, on the whole gateway. */
import { afterEach, describe, expect, test } from 'vitest';
import type { MockOptions } from '../support/mock-upstream.ts';
import {
  EASY,
  HARD,
  startTestGateway,
  type Setup,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

/** 1 USD for a million tokens in, 10 for a million out: a token of output is 10,000 nano-USD. */
const PRICE = ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }';

let whole: WholeGateway | undefined;
const start = async (budgets: string, more: Setup = {}): Promise<WholeGateway> => {
  whole = await startTestGateway({
    cloudMore: PRICE,
    config: `budgets:\n${budgets}\n${more.config ?? ''}`,
    ...Object.fromEntries(Object.entries(more).filter(([name]) => name !== 'config')),
  });
  return whole;
};
afterEach(async () => {
  await whole?.close();
  whole = undefined;
});

const usageOf = (completion: number, prompt = 1): MockOptions => ({
  behaviour: () => ({ kind: 'answer', usage: { prompt, completion } }),
});

describe('a budget that is used up', () => {
  test('refuses with what OpenAI says to one whose quota is spent', async () => {
    const { chat, cloud } = await start(
      '  - { name: tiny, usd: 0.0001, per: month, zone: Europe/Madrid }',
    );
    const refused = await chat(HARD, { model: 'cloud/gpt-4o', max_tokens: 100 });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('x-should-retry')).toBe('false');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toEqual({
      error: {
        type: 'insufficient_quota',
        code: 'policy_budget_exceeded',
        param: null,
        message: expect.stringMatching(
          /'tiny'.* of 0\.0001 USD 0 are spent and 0 reserved .*-01T00:00:00\+0\d:00 \(Europe\/Madrid\)/,
        ),
      },
    });
    expect(cloud.requests).toEqual([]);
  });

  test('lets the small model answer what is routed, and says so', async () => {
    const { chat, record } = await start('  - { name: tiny, usd: 0.0001, per: day }');
    const done = await chat(HARD);
    expect(done.status).toBe(200);
    expect(done.headers.get('x-smallfirst-tier')).toBe('small');
    expect(done.headers.get('x-smallfirst-degraded')).toBe('budget');
    const { decision } = await record(done);
    expect(decision?.excluded).toMatchObject([{ by: 'budget', name: 'tiny' }]);
  });

  test('leaves the small model out where the policy does not want it to stand in', async () => {
    const { chat } = await start('  - { name: tiny, usd: 0.0001, per: day }', {
      policy: `
name: strict
objective: { complexityBelow: 0.4 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
whenUnavailable: { large: refuse }
`,
    });
    expect((await chat(HARD)).status).toBe(429);
    expect((await chat(EASY)).status).toBe(200);
  });
});

test('400 requests at once spend what there is, and not a nano-dollar more', async () => {
  // 11 tokens in are reserved at most; 20 out at 10,000 each: about 100 of these fit.
  const { chat, gateway } = await start('  - { name: hundred, usd: 0.025, per: day }', {
    cloud: usageOf(20),
  });
  const asked = await Promise.all(
    Array.from({ length: 400 }, (_, at) =>
      chat('2 + 2?', {
        model: 'cloud/gpt-4o',
        max_tokens: 20,
        ...(at % 2 === 0 ? {} : { stream: true }),
      }),
    ),
  );
  const statuses = await Promise.all(asked.map(async (done) => (await done.text(), done.status)));
  const answered = statuses.filter((status) => status === 200).length;
  expect(statuses.filter((status) => status === 429)).toHaveLength(400 - answered);
  expect(answered).toBeGreaterThan(100);
  const spent = answered * (20 * 10_000 + 1_000);
  expect(spent).toBeLessThanOrEqual(25_000_000);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toContain('smallfirst_budget_usd{scope="hundred",state="limit"} 0.025');
  expect(metrics).toContain(`smallfirst_budget_usd{scope="hundred",state="spent"} ${spent / 1e9}`);
  expect(metrics).toContain('smallfirst_budget_usd{scope="hundred",state="reserved"} 0');
});

test('what is left limits how much may be written, and the answer says so', async () => {
  const { chat, cloud } = await start('  - { name: small, usd: 0.01, per: all }', {
    cloud: usageOf(10),
  });
  const done = await chat('2 + 2?', { model: 'large' });
  const limit = Number(done.headers.get('x-smallfirst-max-tokens'));
  expect(limit).toBeGreaterThan(900);
  expect(limit).toBeLessThanOrEqual(1_000);
  expect(cloud.requests[0]?.body).toMatchObject({ max_completion_tokens: limit });
  expect(done.headers.get('x-smallfirst-budget')).toMatch(/^small;left=0\.00989\d*$/);
  await done.text();
  // The caller's own limit stays where it can be paid for.
  const own = await chat('2 + 2?', { model: 'large', max_tokens: 300 });
  expect(own.headers.get('x-smallfirst-max-tokens')).toBeNull();
  expect(cloud.requests[1]?.body).toMatchObject({ max_tokens: 300 });
});

test('a model without a price is refused under a budget, and the message says what to write', async () => {
  const refused = await (
    await start('  - { name: strict, usd: 5, per: day }', { cloudMore: '' })
  ).chat('2 + 2?', { model: 'cloud/some/unheard-of-model' });
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({
    error: { code: 'policy_unpriced', message: expect.stringContaining('price: {') },
  });
});

test('and passes where the budget allows it', async () => {
  const { chat } = await start('  - { name: lax, usd: 5, per: day, unpriced: allow }', {
    cloudMore: '',
  });
  expect((await chat('2 + 2?', { model: 'cloud/some/unheard-of-model' })).status).toBe(200);
});

test('a failed attempt gives its reservation back', async () => {
  const { chat } = await start('  - { name: one, usd: 0.003, per: day }', {
    cloud: { behaviour: () => ({ kind: 'error', status: 500 }) },
  });
  for (let time = 0; time < 5; time += 1) {
    const failed = await chat('2 + 2?', { model: 'cloud/gpt-4o', max_tokens: 250 });
    expect(failed.status).toBe(500);
  }
});

test('each key pays from its own budgets', async () => {
  const config = `
auth:
  mode: keys
  keys:
    - { name: bot, key: '\${BOT}', labels: { team: support } }
    - { name: web, key: '\${WEB}', labels: { team: support } }
    - { name: lab, key: '\${LAB}' }`;
  const { chat } = await start(
    `  - { name: bots, scope: { key: bot }, usd: 0.0006, per: day }
  - { name: support, scope: { team: support }, usd: 0.0012, per: day }`,
    {
      config,
      cloud: usageOf(50),
      env: { BOT: 'k'.repeat(20), WEB: 'w'.repeat(20), LAB: 'l'.repeat(20) },
    },
  );
  const ask = async (key: string): Promise<string> => {
    const done = await chat(
      '2 + 2?',
      { model: 'cloud/gpt-4o', max_tokens: 50 },
      { headers: { authorization: `Bearer ${key.repeat(20)}` } },
    );
    await done.text();
    return `${done.status} ${done.headers.get('x-smallfirst-budget')?.split(';')[0] ?? '-'}`;
  };
  const asked: string[] = [];
  for (const key of ['k', 'k', 'w', 'w', 'l']) asked.push(await ask(key));
  expect(asked).toEqual(['200 bots', '429 -', '200 support', '429 -', '200 -']);
});

test('a policy may ask what is left', async () => {
  const { chat } = await start('  - { name: month, usd: 0.01, per: month }', {
    cloud: usageOf(500),
    policy: `
name: careful
objective: { complexityBelow: 0.4 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
rules:
  - { name: nearly-spent, when: budget.leftUsd < 0.006 && budget.pace > 0.0, use: small }
`,
  });
  const first = await chat(HARD, { max_tokens: 500 });
  expect(first.headers.get('x-smallfirst-tier')).toBe('large');
  await first.text();
  const second = await chat(HARD, { max_tokens: 500 });
  expect(second.headers.get('x-smallfirst-rule')).toBe('nearly-spent');
});

describe('a carried route that costs something', () => {
  const fees = ", fees: { /images/generations: 0.04, '/videos/{}/remix': 1 }";
  const carried = (path: string) => whole!.post(path, { model: 'gpt-image-1', prompt: 'A cat' });
  const tooLittle = '  - { name: day, usd: 0.1, per: day }';

  test('costs its fee, and is refused when that is not left', async () => {
    const { record, cloud } = await start(tooLittle, { cloudMore: PRICE + fees });
    const asked = [];
    for (let each = 0; each < 3; each += 1) asked.push(await carried('/v1/images/generations'));
    expect(asked.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(cloud.requests).toHaveLength(2);
    expect((await record(asked[0]!)).attempts[0]?.cost).toMatchObject({
      totalNanoUsd: 40_000_000,
      kinds: { fee: 40_000_000 },
    });
  });

  test('is refused without a fee, with what to write', async () => {
    await start(tooLittle, { cloudMore: PRICE + fees });
    const refused = await carried('/v1/audio/speech');
    expect(await refused.json()).toMatchObject({
      error: {
        code: 'policy_unpriced',
        message: expect.stringContaining('fees: { /audio/speech: … }'),
      },
    });
  });

  test('costs nothing where it is refused', async () => {
    const { gateway } = await start(tooLittle, {
      cloudMore: PRICE + fees,
      cloud: { behaviour: () => ({ kind: 'error', status: 400 }) },
    });
    expect((await carried('/v1/videos/video_1/remix')).status).toBe(429);
    for (let each = 0; each < 4; each += 1)
      expect((await carried('/v1/images/generations')).status).toBe(400);
    const { budgets } = (await (await fetch(`${gateway.url}/admin/budgets`)).json()) as {
      readonly budgets: readonly object[];
    };
    expect(budgets).toMatchObject([{ spentUsd: 0, reservedUsd: 0 }]);
  });
});
