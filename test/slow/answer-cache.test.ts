/** Answers that two replicas share over a real Redis: none crosses from one key to another, and losing Redis loses nothing else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';

const POLICY = `
name: keeps
objective: { complexityBelow: 0.4 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
rules:
  - { name: all, when: 'true', use: large, cache: { ttl: 1h } }
`;
const NAMES = ['a', 'b'];
const keyOf = (name: string): string => `sk-test-${name.repeat(24)}`;
const PROMPTS = Array.from({ length: 1000 }, (_, at) => `What is ${at} + ${at}?`);

describe.skipIf(!hasRedis)('two replicas, two keys, a thousand prompts each', () => {
  let redis: TestRedis;
  let first: WholeGateway;
  let second: WholeGateway;

  beforeAll(async () => {
    redis = await startRedis();
    const replica = () =>
      startTestGateway({
        policy: POLICY,
        env: { ...Object.fromEntries(NAMES.map((name) => [name, keyOf(name)])), redis: redis.url },
        config: `
shared: { redis: '\${redis}' }
auth: { mode: keys, keys: [${NAMES.map((name) => `{ name: ${name}, key: '\${${name}}' }`).join(', ')}] }`,
      });
    [first, second] = await Promise.all([replica(), replica()]);
  });
  afterAll(async () => {
    await first.close();
    await second.close();
    redis.close();
  });

  const ask = async (whole: WholeGateway, name: string, prompt: string) => {
    const headers = { authorization: `Bearer ${keyOf(name)}` };
    const answer = await whole.chat(prompt, {}, { headers });
    const { id } = (await answer.json()) as { readonly id: string };
    return { id, cache: answer.headers.get('x-smallfirst-cache') };
  };

  test('the second replica gives the answers of the first, each to its key', async () => {
    await expect
      .poll(async () => {
        const prompt = `Warm ${Math.random()}`;
        await ask(first, 'a', prompt);
        return (await ask(second, 'a', prompt)).cache;
      })
      .toBe('hit');
    const given = new Map<string, string>();
    for (const prompt of PROMPTS)
      for (const name of NAMES) given.set(`${name} ${prompt}`, (await ask(first, name, prompt)).id);
    expect(new Set(given.values()).size).toBe(2000);
    let [crossed, hits] = [0, 0];
    for (const prompt of PROMPTS)
      for (const name of NAMES) {
        const other = NAMES.find((one) => one !== name);
        const { id, cache } = await ask(second, name, prompt);
        if (cache === 'hit') hits += 1;
        if (id === given.get(`${other} ${prompt}`)) crossed += 1;
        if (cache === 'hit' && id !== given.get(`${name} ${prompt}`)) crossed += 1;
      }
    expect(crossed).toBe(0);
    // What Redis answers later than a request may wait for state is a miss, and how often that is depends on the machine.
    expect(hits).toBeGreaterThan(200);
  });

  test('without Redis each goes on with its own', async () => {
    process.kill(redis.pid, 'SIGSTOP');
    const asked = await ask(first, 'a', 'Is it gone?');
    expect(asked.cache).toBe('miss');
    expect(await ask(first, 'a', 'Is it gone?')).toEqual({ id: asked.id, cache: 'hit' });
    process.kill(redis.pid, 'SIGCONT');
  });
});
