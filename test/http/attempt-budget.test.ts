/** One budget of calls for a request: targets in turn, a repair, the model that answers in place of a draft. */
import { expect, test } from 'vitest';
import { EASY, simplePolicy } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const PROSE = 'The city that you asked about is Paris, as far as I know about it.';
const BODY = {
  model: 'auto',
  messages: [{ role: 'user', content: EASY }],
  response_format: { type: 'json_object' },
};
const POLICY = simplePolicy(
  `verify: { onFail: escalate, checks: [json], hold: { ms: 1 } }\nrules: [{ name: small, when: "true", use: [small, large] }]`,
);

test.each([
  [1, [['small', undefined]]],
  [
    2,
    [
      ['small', 'draft'],
      ['large', undefined],
    ],
  ],
  [
    3,
    [
      ['small', 'draft'],
      ['small', 'repair'],
      ['large', undefined],
    ],
  ],
  [
    5,
    [
      ['small', 'draft'],
      ['small', 'repair'],
      ['large', undefined],
    ],
  ],
])('with %i calls, the longest chain is %j', async (most, chain) => {
  const whole = await open({
    local: { behaviour: () => ({ kind: 'answer', text: PROSE }) },
    cloud: { behaviour: () => ({ kind: 'answer', text: '{"city":"Paris"}' }) },
    policy: POLICY,
    config: `limits: { maxAttempts: ${most} }`,
  });
  for (const stream of [false, true]) {
    whole.local.clear();
    whole.cloud.clear();
    const answer = await whole.post('/v1/chat/completions', { ...BODY, stream });
    expect(await answer.text()).toContain(most === 1 ? 'as' : 'city');
    const { attempts } = await whole.record(answer);
    expect(attempts.map(({ tier, kind }) => [tier, kind])).toEqual(chain);
    expect(whole.local.requests.length + whole.cloud.requests.length).toBe(chain.length);
  }
});

test('a target that fails leaves the next one what is left', async () => {
  const whole = await open({
    local: { behaviour: () => ({ kind: 'error', status: 500, message: 'boom' }) },
    config: 'limits: { maxAttempts: 1 }',
  });
  const answer = await whole.chat(EASY);
  expect(answer.status).toBe(500);
  await answer.text();
  expect((await whole.record(answer)).attempts).toHaveLength(1);
  expect(whole.cloud.requests).toHaveLength(0);
});
