/** Limits of keys and teams from end to end: who is refused, what is said, and what is given back. */
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { EASY, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const KEYS = { A: 'key-of-a-0123456789', B: 'key-of-b-0123456789', C: 'key-of-c-0123456789' };
const ADMIN = 'admin-key-0123456789';

async function start(limits: string, setup: Setup = {}): Promise<WholeGateway> {
  const config = `auth:
  mode: keys
  adminKey: '\${ADMIN}'
  teams: [{ name: shop, limits: { requestsPerMinute: 3 } }]
  keys:
    - { name: a, key: '\${A}', limits: { ${limits} } }
    - { name: b, key: '\${B}' }
    - { name: c, key: '\${C}', team: shop }`;
  return await open({ config, env: { ...KEYS, ADMIN }, ...setup });
}

const ask = (whole: WholeGateway, key: keyof typeof KEYS, more: object = {}, init: object = {}) =>
  whole.chat(EASY, { ...more }, { headers: { authorization: `Bearer ${KEYS[key]}` }, ...init });

const errorOf = async (answer: Response) =>
  ((await answer.json()) as { readonly error: Readonly<Record<string, unknown>> }).error;

test('requests a minute: who asks more is told when, in OpenAI’s headers and words', async () => {
  const whole = await start('requestsPerMinute: 2');
  const fromMs = performance.now();
  const first = await ask(whole, 'A');
  const said = (answer: Response, name: string) =>
    answer.headers.get(`x-ratelimit-${name}-requests`);
  expect([said(first, 'limit'), said(first, 'remaining'), said(first, 'reset')]).toEqual([
    '2',
    '1',
    '30s',
  ]);
  await ask(whole, 'A', { stream: true });
  const refused = await ask(whole, 'A');
  expect(refused.status).toBe(429);
  expect(said(refused, 'remaining')).toBe('0');
  const waitMs = Number(refused.headers.get('retry-after-ms'));
  expect(waitMs).toBeGreaterThanOrEqual(Math.floor(30_000 - (performance.now() - fromMs)));
  expect(waitMs).toBeLessThanOrEqual(30_000);
  expect(refused.headers.get('retry-after')).toBe(String(Math.ceil(waitMs / 1000)));
  expect(await errorOf(refused)).toMatchObject({
    type: 'rate_limit_error',
    code: 'rate_limit_exceeded',
    message: expect.stringMatching(/^Key 'a' has reached its limit of 2 requests a minute/),
  });
  const other = await ask(whole, 'B');
  expect([other.status, said(other, 'limit')]).toEqual([200, null]);
  const headers = { authorization: `Bearer ${ADMIN}` };
  const metrics = await (await fetch(`${whole.gateway.url}/metrics`, { headers })).text();
  expect(metrics).toContain('smallfirst_rate_limited_total{scope="key:a"} 1');
});

test('OpenAI’s SDK takes the refusal for its own class', async () => {
  const whole = await start('requestsPerMinute: 1');
  const client = new OpenAI({ baseURL: `${whole.gateway.url}/v1`, apiKey: KEYS.A, maxRetries: 0 });
  const chat = { model: 'auto', messages: [{ role: 'user' as const, content: EASY }] };
  await client.chat.completions.create(chat);
  await expect(client.chat.completions.create(chat)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
});

test('tokens a minute are reserved, and given back when it is known how many there were', async () => {
  const whole = await start('tokensPerMinute: 2000');
  const left = (answer: Response) => Number(answer.headers.get('x-ratelimit-remaining-tokens'));
  const first = await ask(whole, 'A', { max_tokens: 1500 });
  expect(left(first)).toBeLessThan(500);
  const second = await ask(whole, 'A', { max_tokens: 100 });
  expect(second.status).toBe(200);
  expect(left(second)).toBeGreaterThan(1700);
  const refused = await ask(whole, 'A', { max_tokens: 1999 });
  expect([refused.status, refused.headers.get('x-should-retry')]).toEqual([429, 'false']);
  expect((await errorOf(refused))['message']).toMatch(
    /may take 20\d\d tokens, and key 'a' has 2000/i,
  );
});

test('what failed gives its tokens back', async () => {
  const error = { kind: 'error', status: 400, message: 'no' } as const;
  const whole = await start('tokensPerMinute: 2000', {
    local: { behaviour: () => error },
    cloud: { behaviour: () => error },
  });
  for (let round = 0; round < 5; round += 1)
    expect((await ask(whole, 'A', { max_tokens: 1500 })).status).toBe(400);
});

test('requests at once: one that has gone, however it went, makes room', async () => {
  const whole = await start('concurrent: 1', { local: { behaviour: () => ({ kind: 'hang' }) } });
  const leaving = new AbortController();
  const hanging = ask(whole, 'A', {}, { signal: leaving.signal });
  const gone = expect(hanging).rejects.toThrow();
  await whole.local.nextRequest();
  const refused = await ask(whole, 'A', { model: 'large' });
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  leaving.abort();
  await gone;
  await whole.local.nextHangup();
  await expect.poll(async () => (await ask(whole, 'A', { model: 'large' })).status).toBe(200);
  expect((await ask(whole, 'A', { model: 'nobody' })).status).toBe(404);
  expect((await ask(whole, 'A', { model: 'large' })).status).toBe(200);
});

test('a team’s limit is that of its keys together, and a refused one takes nothing of its own', async () => {
  const whole = await start('requestsPerMinute: 100');
  const statuses = await Promise.all(
    [1, 2, 3, 4, 5].map(async () => (await ask(whole, 'C')).status),
  );
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 200, 200, 429, 429]);
  expect((await errorOf(await ask(whole, 'C')))['message']).toMatch(/^Team 'shop' has reached/);
});
