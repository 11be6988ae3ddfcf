/** What a policy may want beyond "ask the large model where a check fails". */
import { expect, test } from 'vitest';
import { EASY, simplePolicy, type Setup } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const REFUSAL = "I'm sorry, but I can't help with that request.";
const GOOD = 'You are welcome! Is there anything else that you would like to know about it today?';
/** A good beginning, and a loop after it. */
const LOOP = `Here are some words about it that begin well enough. ${'The bridge is old. '.repeat(60)}`;
const HERE = 'constraints: [{ name: here, when: "true", require: { locality: local } }]';
const BOTH = [false, true];

async function started(local: string, verify: string, more = '', setup: Partial<Setup> = {}) {
  return await open({
    local: { behaviour: () => ({ kind: 'answer', text: local }) },
    cloud: { say: () => 'the large model says it' },
    policy: simplePolicy(`verify: { onFail: escalate, hold: { ms: 10000 }, ${verify} }\n${more}`),
    ...setup,
  });
}

test.each(BOTH)(
  'what confidence cannot judge goes large where the policy wants (stream: %s)',
  async (stream) => {
    const whole = await started(GOOD, 'onUndecided: escalate');
    const answer = await whole.chat(EASY, { stream });
    expect(await answer.text()).toContain('large');
    expect(answer.headers.get('x-smallfirst-escalated')).toBe('undecided');
    const [draft] = (await whole.record(answer)).attempts;
    expect(draft).toMatchObject({ kind: 'draft', verdict: { abstained: 'no-card' } });
    const metrics = await (await fetch(`${whole.gateway.url}/metrics`)).text();
    expect(metrics).toContain('smallfirst_escalations_total{cause="undecided"} 1');
  },
);

test('where nothing is left to doubt, `onUndecided` changes nothing', async () => {
  const whole = await started(GOOD, 'onUndecided: escalate, checks: [empty, refusal]');
  const answer = await whole.chat(EASY);
  expect(await answer.text()).toContain('welcome');
  expect(answer.headers.get('x-smallfirst-verified')).toBe('pass');
});

test('a caller may go without checks, where it may choose', async () => {
  const whole = await started(REFUSAL, '');
  const headers = { 'x-smallfirst-verify': 'off' };
  const answer = await whole.chat(EASY, {}, { headers });
  expect(await answer.text()).toContain('sorry');
  expect(answer.headers.get('x-smallfirst-verified')).toBe('off');
  expect((await whole.record(answer)).attempts[0]).not.toHaveProperty('verdict');
});

test('a key that may not choose is checked all the same', async () => {
  const key = 'sk-test-0123456789abcdef0123456789abcdef';
  const whole = await started(REFUSAL, '', '', {
    config: 'auth: { mode: keys, keys: [{ name: app, key: "${APP_KEY}", mayOverride: false }] }',
    env: { APP_KEY: key },
  });
  const headers = { 'x-smallfirst-verify': 'off', authorization: `Bearer ${key}` };
  const answer = await whole.chat(EASY, {}, { headers });
  expect(await answer.text()).toContain('large');
  expect(answer.headers.get('x-smallfirst-escalated')).toBe('refusal');
});

test.each(BOTH)(
  'what must stay here is given, and said to be kept (stream: %s)',
  async (stream) => {
    const whole = await started(REFUSAL, '', HERE);
    const answer = await whole.chat(EASY, { stream });
    expect(await answer.text()).toContain('sorry');
    const record = await whole.record(answer);
    expect(record).toMatchObject({ degraded: 'verify-kept', attempts: [{ isKept: true }] });
    if (!stream) expect(answer.headers.get('x-smallfirst-degraded')).toBe('verify-kept');
    expect(whole.cloud.requests).toHaveLength(0);
  },
);

test.each(BOTH)('or is refused, where the policy wants that (stream: %s)', async (stream) => {
  const whole = await started(REFUSAL, 'onKept: refuse', HERE);
  const answer = await whole.chat(EASY, { stream });
  const text = await answer.text();
  expect(answer.status).toBe(403);
  expect(text).toContain('verify.onKept');
  expect(text).not.toContain('sorry');
  expect(whole.cloud.requests).toHaveLength(0);
  const good = await started(GOOD, 'onKept: refuse', HERE);
  expect(await (await good.chat(EASY)).text()).toContain('welcome');
});

test('a draft that no large model replaces is said to be kept', async () => {
  const down = { behaviour: () => ({ kind: 'error', status: 503, message: 'down' }) as const };
  const whole = await started(REFUSAL, '', '', { cloud: down });
  const answer = await whole.chat(EASY);
  expect(await answer.text()).toContain('sorry');
  expect((await whole.record(answer)).attempts.at(-1)).toMatchObject({ isKept: true });
});

test.each([
  ['/v1/chat/completions', { messages: [{ role: 'user', content: EASY }] }, '"error"'],
  ['/v1/responses', { input: EASY }, '"type":"error"'],
  [
    '/v1/messages',
    { max_tokens: 2000, messages: [{ role: 'user', content: EASY }] },
    'event: error',
  ],
])(
  'a loop on %s that begins later ends the stream with an error event',
  async (path, body, error) => {
    const whole = await started(LOOP, 'afterRelease: withdraw');
    const answer = await whole.post(path, { model: 'auto', stream: true, ...body });
    const text = await answer.text();
    expect(text).toContain(' enough.');
    expect(text).toContain(error);
    expect(text).toContain('is withdrawn');
    expect(text).not.toContain('[DONE]');
    // stopped while it ran: not all of it was passed on
    expect(text.match(/bridge/g)!.length).toBeLessThan(60);
    const record = await whole.record(answer);
    expect(record).toMatchObject({ outcome: 'failed', errorCode: 'gateway_answer_withdrawn' });
    expect(record.attempts[0]!.verdict).toMatchObject({ kind: 'fail', check: 'repetition' });
    expect(whole.cloud.requests).toHaveLength(0);
  },
);

test('without that it is recorded, and passes to its end', async () => {
  const whole = await started(LOOP, '');
  const answer = await whole.chat(EASY, { stream: true });
  expect(await answer.text()).toContain('[DONE]');
  expect((await whole.record(answer)).attempts[0]!.verdict).toMatchObject({ kind: 'fail' });
});

test('a good stream is not withdrawn', async () => {
  const whole = await started(
    GOOD.repeat(3),
    'afterRelease: withdraw, checks: [repetition, cut, refusal]',
  );
  const answer = await whole.chat(EASY, { stream: true });
  expect(await answer.text()).toContain('[DONE]');
});

test('above its share nothing more is replaced', async () => {
  const whole = await started(REFUSAL, 'maxShare: 0.5');
  const escalated: boolean[] = [];
  for (let n = 0; n < 24; n += 1) {
    const answer = await whole.chat(`${EASY} (${n})`);
    await answer.text();
    escalated.push(answer.headers.get('x-smallfirst-escalated') !== null);
  }
  // a share says something from twenty answers on
  expect(escalated.slice(0, 20)).toEqual(Array(20).fill(true));
  expect(escalated.slice(20)).toEqual(Array(4).fill(false));
});

test('a conversation that was replaced twice stays with the large model', async () => {
  const whole = await started(REFUSAL, '');
  const messages = [{ role: 'user', content: EASY }];
  const headers = { 'x-session-id': 'talk' };
  const tiers: (string | null)[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    const answer = await whole.post(
      '/v1/chat/completions',
      { model: 'auto', messages },
      { headers },
    );
    const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] };
    const record = await whole.record(answer);
    tiers.push(record.attempts.map(({ tier }) => tier).join(' '));
    messages.push({ role: 'assistant', content: choices[0]!.message.content });
    messages.push({ role: 'user', content: `${EASY} And again, thanks a lot (${turn}).` });
  }
  expect(tiers).toEqual(['small large', 'small large', 'large', 'large']);
});
