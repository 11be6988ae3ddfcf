/** What one caller's failures, and one model's, mean for the requests of the others. */
import { expect, test } from 'vitest';
import { mark, type Behaviour, type MockOptions } from '../support/mock-upstream.ts';
import { EASY, HARD, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const started = gatewayPerTest();

const KEYS = {
  config:
    "auth: { mode: keys, keys: [{ name: eve, key: '${EVE}' }, { name: bob, key: '${BOB}' }, { name: ann, key: '${ANN}' }, { name: cleo, key: '${CLEO}' }] }",
  env: { EVE: 'key-of-eve', BOB: 'key-of-bob', ANN: 'key-of-ann', CLEO: 'key-of-cleo' },
};
const as = (name: string) => ({ headers: { authorization: `Bearer key-of-${name}` } });

/** A server that fails the requests that speak of poison, and answers the others. */
const failing = (behaviour: Behaviour): MockOptions => ({
  behaviour: ({ text }) => (text.includes('poison') ? behaviour : undefined),
});
const ERROR_500: Behaviour = { kind: 'error', status: 500, message: 'no' };

const upstreamOf = (answer: Response): string | null => answer.headers.get('x-smallfirst-upstream');

const FAULTS: readonly (readonly [string, Behaviour])[] = [
  ['500', { kind: 'error', status: 500, message: 'no' }],
  ['503', { kind: 'error', status: 503, message: 'no' }],
  ['a reset', { kind: 'reset' }],
  ['garbage', { kind: 'raw', body: 'no', headers: { 'content-type': 'application/json' } }],
];

test.each(FAULTS)(
  'a caller whose requests all end in %s does not move those of another to the cloud',
  async (_, behaviour) => {
    const whole = await started({ ...KEYS, local: failing(behaviour) });
    for (let i = 0; i < 12; i += 1) await whole.chat(`poison ${i}`, { model: 'small' }, as('eve'));
    const answer = await whole.chat(EASY, {}, as('bob'));
    expect(upstreamOf(answer)).toBe('local');
    expect(answer.headers.get('x-smallfirst-degraded')).toBeNull();
    expect(upstreamOf(await whole.chat(EASY, {}, as('eve')))).toBe('cloud');
  },
);

test('where several callers fail, the others are spared the attempt', async () => {
  const whole = await started({ ...KEYS, local: failing(ERROR_500) });
  for (let i = 0; i < 6; i += 1)
    await whole.chat(`poison ${i}`, { model: 'small' }, as(['eve', 'ann', 'cleo'][i % 3] ?? ''));
  const answer = await whole.chat(EASY, {}, as('bob'));
  expect(answer.headers.get('x-smallfirst-degraded')).toBe('local-unhealthy');
});

test('without keys five different requests close a model, and one that is repeated does not', async () => {
  const whole = await started({ local: failing(ERROR_500) });
  for (let i = 0; i < 12; i += 1) await whole.chat('poison', { model: 'small' });
  expect(upstreamOf(await whole.chat(EASY))).toBe('local');
  for (let i = 0; i < 5; i += 1) await whole.chat(`poison ${i}`, { model: 'small' });
  expect(upstreamOf(await whole.chat(EASY))).toBe('cloud');
  const metrics = await (await fetch(`${whole.gateway.url}/metrics`)).text();
  expect(metrics).toContain('smallfirst_upstream_state{upstream="local",state="open"} 1');
});

test('a model that fails leaves the other models of its upstream alone', async () => {
  const whole = await started({
    cloud: { ...failing(ERROR_500), models: ['gpt-4o', 'gpt-4o-mini'] },
  });
  for (let i = 0; i < 8; i += 1) await whole.chat(`poison ${i}`, { model: 'cloud/gpt-4o-mini' });
  expect(upstreamOf(await whole.chat(HARD))).toBe('cloud');
  const small = await whole.chat(HARD, { model: 'gpt-4o-mini' });
  expect(small.headers.get('x-smallfirst-degraded')).toBe('cloud-unhealthy');
});

test('requests that are wrong close nothing', async () => {
  const whole = await started();
  for (const status of [400, 404, 413, 422])
    for (let i = 0; i < 3; i += 1)
      await whole.chat(`${i} ${mark({ kind: 'error', status, message: 'wrong' })}`, {
        model: 'cloud/gpt-4o',
      });
  const answer = await whole.chat(HARD);
  expect(upstreamOf(answer)).toBe('cloud');
  expect(answer.headers.get('x-smallfirst-degraded')).toBeNull();
});

test('a server that is gone is left alone whatever is asked of it, by anybody', async () => {
  const whole = await started(KEYS);
  await whole.local.close();
  for (let i = 0; i < 3; i += 1) await whole.chat('same', { model: 'small' }, as('eve'));
  const answer = await whole.chat(EASY, {}, as('bob'));
  expect(answer.headers.get('x-smallfirst-degraded')).toBe('local-unhealthy');
});

test.each([408, 409, 425, 529])('after %i the other model answers', async (status) => {
  const whole = await started({ local: failing({ kind: 'error', status, message: 'not now' }) });
  const answer = await whole.chat(`poison. ${EASY}`);
  expect([answer.status, upstreamOf(answer)]).toEqual([200, 'cloud']);
});

test('a model that is being loaded is no failure', async () => {
  const loading: Behaviour = { kind: 'error', status: 503, message: 'Loading model' };
  const whole = await started({ local: failing(loading) });
  for (let i = 0; i < 20; i += 1)
    expect((await whole.chat(`poison ${i}`, { model: 'small' })).status).toBe(503);
  expect(upstreamOf(await whole.chat(EASY))).toBe('local');
});

/** The failures are told apart by their text. */
const askMany = async (whole: WholeGateway, times: number, model = 'auto'): Promise<Response[]> => {
  const answers: Response[] = [];
  for (let i = 0; i < times; i += 1) answers.push(await whole.chat(`${EASY} ${i}`, { model }));
  return answers;
};

test('where everything is down, requests are refused at once with Retry-After, and next to none is sent', async () => {
  const whole = await started({
    local: { behaviour: () => ERROR_500 },
    cloud: { behaviour: () => ERROR_500 },
  });
  await askMany(whole, 12);
  whole.local.clear();
  whole.cloud.clear();
  const fromMs = performance.now();
  const answers = await askMany(whole, 20);
  const tookMs = performance.now() - fromMs;
  const sent = whole.local.requests.length + whole.cloud.requests.length;
  // One attempt in five seconds of each, should the machine be that slow.
  expect(sent).toBeLessThanOrEqual(2 * (1 + Math.floor(tookMs / 5000)));
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThanOrEqual(answers.length - sent);
  for (const answer of refused) {
    const seconds = Number(answer.headers.get('retry-after'));
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(5);
    const { error } = (await answer.json()) as { error: { code: string; type: string } };
    expect(error).toMatchObject({ code: 'upstream_unavailable', type: 'server_error' });
  }
});

test('Retry-After is obeyed and passed on, and the other model answers meanwhile', async () => {
  const limited: Behaviour = {
    kind: 'error',
    status: 429,
    message: 'slow down',
    headers: { 'retry-after': '90' },
  };
  const whole = await started({ local: { behaviour: () => limited } });
  expect(upstreamOf(await whole.chat(EASY))).toBe('cloud');
  whole.local.clear();
  for (const answer of await askMany(whole, 5)) expect(upstreamOf(answer)).toBe('cloud');
  for (const answer of await askMany(whole, 5, 'small')) {
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(90);
  }
  expect(whole.local.requests).toEqual([]);
});

test('a body that failed twice is not sent a third time to a model that answers others', async () => {
  const whole = await started({ local: failing(ERROR_500) });
  for (let i = 0; i < 5; i += 1) {
    await whole.chat('poison', { model: 'small' });
    expect((await whole.chat(`food ${i}`, { model: 'small' })).status).toBe(200);
  }
  expect(whole.local.requests).toHaveLength(2 + 5);
});

test('with `limits.breakers: false` a model that keeps failing is asked each time', async () => {
  const whole = await started({
    cloud: { behaviour: () => ERROR_500 },
    config: 'limits: { breakers: false }',
  });
  for (let at = 0; at < 8; at += 1) {
    const answer = await whole.chat(`hi ${at}`, { model: 'cloud/gpt-4o' });
    expect(answer.status).toBe(500);
  }
  expect(whole.cloud.requests).toHaveLength(8);
});
