/** What one caller's failures, and one model's, mean for the requests of the others. */
import { afterEach, expect, test } from 'vitest';
import { mark, type Behaviour, type MockOptions } from '../support/mock-upstream.ts';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const open: WholeGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

async function started(setup: Parameters<typeof startTestGateway>[0] = {}): Promise<WholeGateway> {
  const gateway = await startTestGateway(setup);
  open.push(gateway);
  return gateway;
}

const KEYS = {
  config:
    "auth: { mode: keys, keys: [{ name: eve, key: '${EVE}' }, { name: bob, key: '${BOB}' }, { name: ann, key: '${ANN}' }] }",
  env: { EVE: 'key-of-eve', BOB: 'key-of-bob', ANN: 'key-of-ann' },
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
    await whole.chat(`poison ${i}`, { model: 'small' }, as(i % 2 === 0 ? 'eve' : 'ann'));
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
  for (const status of [400, 404, 409, 413, 422])
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
