/** Answers that are given again, as callers meet them, on the whole gateway. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  HARD,
  startTestGateway,
  type Setup,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

const POLICY = `
name: keeps
objective: { complexityBelow: 0.4 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
rules:
  - { name: faq, when: 'request.tools == 0', use: large, cache: { ttl: 1h } }
`;
const PRICE = ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }';

let whole: WholeGateway | undefined;
const start = async (more: Setup = {}): Promise<WholeGateway> => {
  whole = await startTestGateway({ cloudMore: PRICE, policy: POLICY, ...more });
  return whole;
};
afterEach(async () => {
  await whole?.close();
  whole = undefined;
});

const cacheOf = (answer: Response): string | null => answer.headers.get('x-smallfirst-cache');

describe('a request that was answered before', () => {
  test('gets the same answer, costs nothing, and its record says what was saved', async () => {
    const { chat, cloud, record } = await start();
    const first = await chat(HARD);
    const again = await chat(HARD);
    expect([cacheOf(first), cacheOf(again)]).toEqual(['miss', 'hit']);
    expect(await again.text()).toBe(await first.text());
    expect(cloud.requests).toHaveLength(1);
    expect(again.headers.get('x-smallfirst-cost-usd')).toBe('0.000000000');
    expect(again.headers.get('x-smallfirst-upstream')).toBe('cloud');
    const [paid, free] = [await record(first), await record(again)];
    const cost = paid.attempts[0]?.cost?.totalNanoUsd;
    expect(cost).toBeGreaterThan(0);
    expect(free).toMatchObject({
      attempts: [],
      outcome: 'answered',
      cache: { result: 'hit', answerOf: paid.id, savedNanoUsd: cost },
      baselineNanoUsd: paid.baselineNanoUsd,
    });
    const metrics = await (await fetch(`${whole?.gateway.url}/metrics`)).text();
    expect(metrics).toContain('smallfirst_cache_lookups_total{result="hit"} 1');
    expect(metrics).toContain('smallfirst_cache_lookups_total{result="miss"} 1');
  });

  test('is given a stream event by event', async () => {
    const { chat, cloud } = await start();
    const more = { stream: true, stream_options: { include_usage: true } };
    const first = await (await chat(HARD, more)).text();
    const again = await chat(HARD, more);
    expect(cacheOf(again)).toBe('hit');
    expect(again.headers.get('content-type')).toContain('text/event-stream');
    expect(await again.text()).toBe(first);
    expect(first).toContain('[DONE]');
    expect(cloud.requests).toHaveLength(1);
    // The same question in one piece is another request.
    expect(cacheOf(await chat(HARD))).toBe('miss');
  });

  test('reserves nothing: a budget has as much left as before', async () => {
    const { chat } = await start({
      config: 'budgets:\n  - { name: day, usd: 1, per: day }\n',
    });
    const left = async (answer: Response): Promise<string | null> => {
      await answer.text();
      return answer.headers.get('x-smallfirst-budget');
    };
    await left(await chat(HARD));
    const before = await left(await chat(HARD));
    expect(await left(await chat(HARD))).toBe(before);
  });
});

describe('is asked anew', () => {
  test('what Cache-Control says', async () => {
    const { chat, cloud } = await start();
    const asking = (value: string) => chat(HARD, {}, { headers: { 'cache-control': value } });
    expect(cacheOf(await asking('no-store'))).toBe('bypass');
    expect(cacheOf(await chat(HARD))).toBe('miss');
    expect(cacheOf(await asking('no-cache'))).toBe('miss');
    expect(cloud.requests).toHaveLength(3);
    expect(cacheOf(await chat(HARD))).toBe('hit');
  });

  test.each([
    ['what holds personal data', 'Write to ana.lopez@ejemplo.es', {}],
    ['what asks for several answers', 'Hello', { n: 2 }],
    ['what is to be stored at the cloud', 'Hello', { store: true }],
  ])('%s', async (_, text, more) => {
    const { chat } = await start();
    expect(cacheOf(await chat(text, more))).toBe('bypass');
    expect(cacheOf(await chat(text, more))).toBe('bypass');
  });

  test('what was answered with personal data', async () => {
    const { chat } = await start({ cloud: { say: () => 'Ask ana.lopez@ejemplo.es.' } });
    expect(cacheOf(await chat('Whom do I ask?'))).toBe('miss');
    expect(cacheOf(await chat('Whom do I ask?'))).toBe('miss');
  });

  test('what failed, or broke off', async () => {
    const { chat } = await start({
      cloud: { behaviour: () => ({ kind: 'broken', after: 1, how: 'end' }) },
      policy: `${POLICY}whenUnavailable: { large: refuse }\n`,
    });
    const ask = async () => {
      const answer = await chat(HARD, { stream: true });
      await answer.text().catch(() => '');
      return cacheOf(answer);
    };
    expect([await ask(), await ask()]).toEqual(['miss', 'miss']);
  });

  test('what no rule keeps', async () => {
    const { chat, cloud } = await start({ policy: POLICY.replace(', cache: { ttl: 1h }', '') });
    expect(cacheOf(await chat(HARD))).toBeNull();
    expect(cacheOf(await chat(HARD))).toBeNull();
    expect(cloud.requests).toHaveLength(2);
  });
});

test('a key gets no answer of another one, a team that shares its own', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const keyOf = (name: string): string => `sk-test-${name.repeat(24)}`;
  const teamed = (name: string): string => ('cd'.includes(name) ? ', team: t, share: team' : '');
  const keys = names.map((name) => `{ name: ${name}, key: '\${${name}}'${teamed(name)} }`);
  const { chat, cloud } = await start({
    config: `auth: { mode: keys, keys: [${keys.join(', ')}] }`,
    env: Object.fromEntries(names.map((name) => [name, keyOf(name)])),
  });
  const as = async (name: string) =>
    cacheOf(await chat(HARD, {}, { headers: { authorization: `Bearer ${keyOf(name)}` } }));
  expect([await as('a'), await as('b'), await as('a')]).toEqual(['miss', 'miss', 'hit']);
  expect([await as('c'), await as('d')]).toEqual(['miss', 'hit']);
  expect(cloud.requests).toHaveLength(3);
});
