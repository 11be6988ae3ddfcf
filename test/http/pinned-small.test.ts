/** What a caller sent to the small model by name stays with it. */
import { expect, test } from 'vitest';
import { HARD, simplePolicy, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const start = gatewayPerTest();

const ROUTE = { headers: { 'x-smallfirst-route': 'small' } };
const small = (gateway: WholeGateway, more = {}): Promise<Response> =>
  gateway.chat(HARD, { model: 'small', ...more });

test('is refused with the reason where the small model cannot do it, and no cloud hears of it', async () => {
  const gateway = await start({ upstream: ', server: ollama' });
  for (const answer of [
    await small(gateway, { logprobs: true }),
    await gateway.chat(HARD, { logprobs: true }, ROUTE),
  ]) {
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: {
        code: 'policy_not_capable',
        message: expect.stringMatching(/small model.*no logprobs.*serve-large/s),
      },
    });
  }
  expect(gateway.cloud.requests).toEqual([]);
});

test('fails where the small model fails, and no cloud hears of it', async () => {
  const fails = { kind: 'error', status: 500, message: 'out of memory' } as const;
  const gateway = await start({ local: { behaviour: () => fails } });
  const answer = await small(gateway);
  expect(answer.status).toBe(500);
  expect(gateway.cloud.requests).toEqual([]);
});

test('goes to the large one where the policy says so itself, and the header tells', async () => {
  const fails = { kind: 'error', status: 500, message: 'out of memory' } as const;
  const gateway = await start({
    policy: simplePolicy('whenUnavailable: { small: serve-large }'),
    local: { behaviour: () => fails },
  });
  const answer = await small(gateway);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-smallfirst-upstream')).toBe('cloud');
  expect(answer.headers.get('x-smallfirst-degraded')).toBeTruthy();
});
