/** Where small answers cost more than they save, the large model is asked at once: a decision of the record. */
import { expect, test } from 'vitest';
import { EASY, simplePolicy, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const REFUSAL = "I'm sorry, but I can't help with that request.";

async function started(verify: string, onFail = 'escalate'): Promise<WholeGateway> {
  return await open({
    local: { behaviour: () => ({ kind: 'answer', text: REFUSAL }) },
    cloud: { say: () => 'the large model says it' },
    policy: simplePolicy(`verify: { onFail: ${onFail}, ${verify} }`),
  });
}

async function asked(whole: WholeGateway, count: number): Promise<Response> {
  let answer = await whole.chat(EASY);
  for (let at = 1; at < count; at += 1) {
    await answer.text();
    answer = await whole.chat(EASY);
  }
  await answer.text();
  return answer;
}

test('after twenty answers that were all replaced, nothing small is tried', async () => {
  const whole = await started('maxShare: 1, waitUsdPerHour: 1000000');
  await asked(whole, 20);
  expect(whole.local.requests).toHaveLength(20);
  const answer = await asked(whole, 1);
  expect(whole.local.requests).toHaveLength(20);
  expect(answer.headers.get('x-smallfirst-rule')).toBe('drafts-lose');
  const record = await whole.record(answer);
  expect(record.situation).toMatchObject({ draftsLose: true });
  expect(record.attempts).toMatchObject([{ tier: 'large' }]);
  // replayed from its record it is decided the same
  const why = await fetch(`${whole.gateway.url}/admin/requests/${record.id}/why`);
  expect(await why.json()).toMatchObject({ rule: 'drafts-lose', unrepeatable: null });
});

test('a policy that only records goes on as before', async () => {
  const whole = await started('maxShare: 1', 'record');
  const answer = await asked(whole, 22);
  expect(answer.headers.get('x-smallfirst-tier')).toBe('small');
});
