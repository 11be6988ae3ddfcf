/** A small answer that fails a check is replaced before the caller sees a byte of it. */
import { expect, test } from 'vitest';
import { EASY, simplePolicy, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const REFUSAL = "I'm sorry, but I can't help with that request.";
const GOOD = 'You are welcome! Is there anything else that you would like to know about it today?';
const ESCALATE = simplePolicy('verify: { onFail: escalate, hold: { ms: 10000 } }');

async function started(local: string, setup: Partial<Setup> = {}): Promise<WholeGateway> {
  return await open({
    local: { behaviour: () => ({ kind: 'answer', text: local }) },
    cloud: { say: () => 'the large model says it' },
    policy: ESCALATE,
    ...setup,
  });
}

const PATHS = [
  ['/v1/chat/completions', { messages: [{ role: 'user', content: EASY }] }],
  ['/v1/responses', { input: EASY }],
  ['/v1/messages', { max_tokens: 200, messages: [{ role: 'user', content: EASY }] }],
] as const;
const CASES = PATHS.flatMap(([path, body]) =>
  [false, true].map((stream) => ({ path, stream, body: { model: 'auto', stream, ...body } })),
);

test.each(CASES)(
  'a refusal on $path (stream: $stream) is answered by the large model',
  async ({ path, body }) => {
    const whole = await started(REFUSAL);
    const answer = await whole.post(path, body);
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-smallfirst-tier')).toBe('large');
    expect(answer.headers.get('x-smallfirst-escalated')).toBe('refusal');
    expect(text).toContain('large');
    expect(text).not.toContain('sorry');
    expect(text).not.toContain('slm');
    const record = await whole.record(answer);
    expect(record.attempts.map(({ tier, kind }) => [tier, kind === 'draft'])).toEqual([
      ['small', true],
      ['large', false],
    ]);
    expect(record.attempts[0]!.verdict).toMatchObject({ kind: 'fail', check: 'refusal' });
    expect(record.outcome).toBe('answered');
    expect(record.degraded).toBeUndefined();
    expect(whole.local.requests).toHaveLength(1);
  },
);

test.each(CASES)(
  'a good answer on $path (stream: $stream) arrives as without checks',
  async ({ path, body }) => {
    const [checked, plain] = [await started(GOOD), await started(GOOD, { policy: simplePolicy() })];
    const [a, b] = await Promise.all([checked, plain].map((whole) => whole.post(path, body)));
    const same = (text: string): string =>
      text.replaceAll(
        /"(?:id|item_id|response_id)":"[^"]*"|"(?:created|created_at|completed_at)":\d+/g,
        '',
      );
    expect(same(await a!.text())).toBe(same(await b!.text()));
    expect(a!.headers.get('x-smallfirst-tier')).toBe('small');
    expect(a!.headers.get('x-smallfirst-verified')).toMatch(/^(?:pass|undecided)$/);
    expect(b!.headers.get('x-smallfirst-verified')).toBeNull();
    const [attempt] = (await checked.record(a!)).attempts;
    expect(attempt!.verdict).toEqual({ kind: 'pass', abstained: 'no-card' });
  },
);

test('the draft is counted, paid for and named in the metrics', async () => {
  const whole = await started(REFUSAL);
  const answer = await whole.chat(EASY);
  await answer.text();
  const record = await whole.record(answer);
  const sum = record.attempts.reduce((all, { cost }) => all + (cost?.totalNanoUsd ?? 0), 0);
  expect(Number(answer.headers.get('x-smallfirst-cost-usd'))).toBeCloseTo(sum / 1e9, 9);
  const metrics = await (await fetch(`${whole.gateway.url}/metrics`)).text();
  expect(metrics).toContain('smallfirst_escalations_total{cause="refusal"} 1');
  expect(metrics).toContain('smallfirst_verdicts_total{check="refusal",verdict="fail"} 1');
  expect(metrics).not.toMatch(/smallfirst_fallbacks_total\{from="local"/);
});

test.each([true, false])(
  'where no large model answers the draft is given (stream: %s)',
  async (stream) => {
    const whole = await started(REFUSAL, {
      cloud: { behaviour: () => ({ kind: 'error', status: 503, message: 'down' }) },
    });
    const answer = await whole.chat(EASY, { stream });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('sorry');
    expect(answer.headers.get('x-smallfirst-tier')).toBe('small');
    expect(answer.headers.get('x-smallfirst-verified')).toBe('fail');
    expect(answer.headers.get('x-smallfirst-degraded')).toMatch(/^cloud-/);
    const record = await whole.record(answer);
    expect(record.outcome).toBe('answered');
    expect(record.attempts.at(-1)).toMatchObject({ tier: 'small', outcome: 'ok' });
    expect(record.attempts.some(({ kind }) => kind === 'draft')).toBe(false);
  },
);

test('what must stay here is never sent on, whatever a check says', async () => {
  const policy = simplePolicy(
    'verify: { onFail: escalate }\nconstraints: [{ name: here, when: "true", require: { locality: local } }]',
  );
  const whole = await started(REFUSAL, { policy });
  const answer = await whole.chat(EASY);
  expect(await answer.text()).toContain('sorry');
  expect(answer.headers.get('x-smallfirst-verified')).toBe('fail');
  expect(whole.cloud.requests).toHaveLength(0);
});

test('`record` only says what it would have done', async () => {
  const whole = await started(REFUSAL, { policy: simplePolicy('verify: {}') });
  const answer = await whole.chat(EASY);
  expect(await answer.text()).toContain('sorry');
  expect(answer.headers.get('x-smallfirst-verified')).toBe('fail');
  expect(answer.headers.get('x-smallfirst-escalated')).toBeNull();
  expect(whole.cloud.requests).toHaveLength(0);
  const metrics = await (await fetch(`${whole.gateway.url}/metrics`)).text();
  expect(metrics).toContain('smallfirst_verdicts_total{check="refusal",verdict="fail"} 1');
  expect(metrics).not.toContain('smallfirst_escalations_total{cause="refusal"}');
});

test('a caller who named the model gets what it says', async () => {
  const whole = await started(REFUSAL);
  for (const model of ['small', 'local/slm']) {
    const answer = await whole.chat(EASY, { model });
    expect(await answer.text()).toContain('sorry');
    expect(answer.headers.get('x-smallfirst-verified')).toBeNull();
  }
  expect(whole.cloud.requests).toHaveLength(0);
});

test('in a tool loop the answer is checked and not replaced', async () => {
  const whole = await started(REFUSAL);
  const call = { id: 'call_1', type: 'function', function: { name: 'clock', arguments: '{}' } };
  const answer = await whole.post('/v1/chat/completions', {
    model: 'auto',
    messages: [
      { role: 'user', content: EASY },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '12:00' },
    ],
  });
  if (answer.headers.get('x-smallfirst-tier') === 'small') {
    expect(await answer.text()).toContain('sorry');
    expect(answer.headers.get('x-smallfirst-escalated')).toBeNull();
  }
  expect(whole.local.requests).toHaveLength(1);
});

test('JSON that was demanded and is none is made by the large model', async () => {
  const whole = await started('Sure! Here is the JSON: {"a": 1', {
    cloud: { behaviour: () => ({ kind: 'answer', text: '{"a":1}' }) },
  });
  for (const stream of [false, true]) {
    const answer = await whole.chat(EASY, { stream, response_format: { type: 'json_object' } });
    expect(await answer.text()).not.toContain('Sure');
    expect(answer.headers.get('x-smallfirst-escalated')).toBe('json');
  }
});

test('`when` says which requests are checked', async () => {
  const policy = simplePolicy(
    'verify: { when: "request.stream", onFail: escalate, hold: { ms: 10000 } }',
  );
  const whole = await started(REFUSAL, { policy });
  expect(await (await whole.chat(EASY)).text()).toContain('sorry');
  expect(await (await whole.chat(EASY, { stream: true })).text()).not.toContain('sorry');
});
