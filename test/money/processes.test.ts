/** Several gateways over one file of state share their budgets. */
import { expect, test } from 'vitest';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { paidWorld } from '../support/paid-kill.ts';

/** Exactly a hundred answers: after 99 there is what the last one reserves (20 tokens out, 6 in), after it there is not. */
const LIMIT_NANO_USD = 99 * ANSWER_NANO_USD + 20 * 10_000 + 10_000;

async function ask({ url }: GatewayProcess, at: number): Promise<number> {
  const done = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: `cloud/p-${at}`,
      messages: [{ role: 'user', content: 'hi' }],
      max_tokens: 20,
      stream: at % 2 === 0,
    }),
  });
  await done.text();
  return done.status;
}

test('three processes and 400 requests at once spend no more than there is', async () => {
  const usd = LIMIT_NANO_USD / 1e9;
  const world = await paidWorld(`budgets: [{ name: shared, usd: ${usd}, per: all }]`);
  const gateways = await Promise.all([1, 2, 3].map(() => startGateway(world.config)));
  const asked = Array.from({ length: 400 }, (_, at) => ask(gateways[at % 3]!, at));
  const statuses = await Promise.all(asked);
  const answered = statuses.filter((status) => status === 200).length;
  // A paid call that a busy machine cannot write down in two seconds is refused as well, and costs nothing.
  expect(statuses.filter((status) => ![200, 429, 503].includes(status))).toEqual([]);
  // An answer does not wait for its end to be written.
  await expect.poll(world.spent).toBe(answered * ANSWER_NANO_USD);
  expect(world.spent()).toBeLessThanOrEqual(LIMIT_NANO_USD);
  // What was reserved and not used is free again: one after the other, the rest of the hundred fits.
  let [more, tries] = [0, 0];
  await expect
    .poll(async () => {
      if ((await ask(gateways[tries % 3]!, 1_000 + tries++)) === 200) more += 1;
      return answered + more;
    })
    .toBe(100);
  expect(world.asked()).toHaveLength(100);
  await expect.poll(world.spent).toBe(100 * ANSWER_NANO_USD);
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await world.close();
});

test('a budget is as spent after a restart as before it', async () => {
  const world = await paidWorld('budgets: [{ name: day, usd: 0.0006, per: day, zone: UTC }]');
  const first = await startGateway(world.config);
  expect(await ask(first, 1)).toBe(200);
  const left = async (gateway: GatewayProcess): Promise<string> => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return /smallfirst_budget_usd\{scope="day",state="spent"\} (\S+)/.exec(text)?.[1] ?? '';
  };
  // An answer does not wait for its end to be booked.
  await expect.poll(async () => Number(await left(first))).toBe(ANSWER_NANO_USD / 1e9);
  const before = await left(first);
  expect(await first.stop()).toBe(0);
  const second = await startGateway(world.config);
  expect(await left(second)).toBe(before);
  await second.stop();
  await world.close();
});
