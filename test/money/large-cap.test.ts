/** The large model's cap, on the whole gateway: it holds if every request is hard, and if the small model is down. */
import { afterEach, expect, test } from 'vitest';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { paidWorld } from '../support/paid-kill.ts';
import {
  EASY,
  HARD,
  startTestGateway,
  type Setup,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

let whole: WholeGateway | undefined;
const start = async (large: string, more: Setup = {}): Promise<WholeGateway> => {
  whole = await startTestGateway({
    cloudMore: ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }',
    cloud: { behaviour: () => ({ kind: 'answer', usage: { prompt: 1, completion: 50 } }) },
    config: `budgets: [{ name: bot, usd: 5, per: day, large: ${large} }]`,
    ...more,
  });
  return whole;
};
afterEach(async () => {
  await whole?.close();
  whole = undefined;
});

const DOWN: Setup = { local: { behaviour: () => ({ kind: 'error', status: 500 }) } };
const tierOf = async (asked: Promise<Response>): Promise<string> => {
  const done = await asked;
  await done.text();
  return `${done.status} ${done.headers.get('x-smallfirst-tier')} ${done.headers.get('x-smallfirst-degraded')}`;
};

test('over its share the small model answers, and the answer says why', async () => {
  const { chat, gateway } = await start('{ share: 0.4 }');
  const asked: string[] = [];
  for (let time = 0; time < 5; time += 1) asked.push(await tierOf(chat(HARD)));
  expect(asked).toEqual([
    '200 large null',
    '200 small large-cap',
    '200 large null',
    '200 small large-cap',
    '200 small large-cap',
  ]);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toContain('smallfirst_large_capped_total{scope="bot"} 3');
});

test('its dollars an hour hold with the small model down: 429 says when there is room', async () => {
  // Five answers of 50 tokens out at 10,000 nano-USD fit.
  const { chat, cloud, record } = await start('{ usdPerHour: 0.0026 }', DOWN);
  const asked: Response[] = [];
  for (let time = 0; time < 30; time += 1) asked.push(await chat(EASY, { max_tokens: 50 }));
  const statuses = asked.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(25);
  expect(cloud.requests).toHaveLength(5);
  const last = asked.at(-1)!;
  expect(last.headers.get('x-should-retry')).toBe('false');
  expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(3_500);
  expect(await last.json()).toMatchObject({
    error: {
      type: 'insufficient_quota',
      code: 'policy_budget_exceeded',
      message: expect.stringMatching(/'bot'.* 0\.0026 USD an hour.* room again at 20\d\d-/),
    },
  });
  const { decision, outcome, errorCode } = await record(last);
  expect(decision?.excluded).toMatchObject([{ by: 'large-cap', name: 'bot' }]);
  expect([outcome, errorCode]).toEqual([expect.any(String), 'policy_budget_exceeded']);
});

test('whoever names the large model is held too', async () => {
  const { chat } = await start('{ usdPerHour: 0.0006 }');
  const ask = () => tierOf(chat('2 + 2?', { model: 'cloud/gpt-4o', max_tokens: 50 }));
  expect([await ask(), await ask()]).toEqual(['200 large null', '429 null null']);
});

test('what is left of the hour limits how much may be written', async () => {
  const { chat } = await start('{ usdPerHour: 0.01 }');
  const done = await chat('2 + 2?', { model: 'large' });
  expect(Number(done.headers.get('x-smallfirst-max-tokens'))).toBeLessThanOrEqual(1_000);
});

test('three processes spend no more in an hour than one may, also after a restart', async () => {
  // The tenth answer fits, with what it reserves: 20 tokens out and 6 in. An eleventh does not.
  const cap = 9 * ANSWER_NANO_USD + 20 * 10_000 + 10_000;
  const world = await paidWorld(
    `budgets: [{ name: all, usd: 5, per: day, large: { usdPerHour: ${cap / 1e9} } }]`,
  );
  const ask = async ({ url }: GatewayProcess): Promise<number> => {
    const done = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'cloud/m',
        messages: [{ role: 'user', content: 'hi' }],
        max_tokens: 20,
      }),
    });
    await done.text();
    return done.status;
  };
  const gateways = await Promise.all([1, 2, 3].map(() => startGateway(world.config)));
  await Promise.all(Array.from({ length: 60 }, (_, at) => ask(gateways[at % 3]!)));
  const used = (): number => world.rows().reduce((sum, row) => sum + row.used, 0);
  await expect.poll(async () => (await ask(gateways[0]!), used())).toBe(10 * ANSWER_NANO_USD);
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  const again = await startGateway(world.config);
  expect(await ask(again)).toBe(429);
  expect(used()).toBe(10 * ANSWER_NANO_USD);
  await again.stop();
  await world.close();
});
