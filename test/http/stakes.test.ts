/** Where much is at stake the answer says so, whichever model gave it. */
import { expect, test } from 'vitest';
import { EASY, simplePolicy, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const GRAVE = 'I took too many sleeping pills and I do not want to live any more';
const RULE = 'rules: [{ name: stakes, when: "signals.stakes >= 0.5", use: [large, small] }]';

async function started(policy: string): Promise<WholeGateway> {
  return await open({ policy });
}

test.each([false, true])(
  'a grave request goes large and is marked (stream: %s)',
  async (stream) => {
    const whole = await started(simplePolicy(RULE));
    const answer = await whole.chat(GRAVE, { stream });
    await answer.text();
    expect(answer.headers.get('x-smallfirst-tier')).toBe('large');
    expect(answer.headers.get('x-smallfirst-stakes')).toMatch(/^self-harm;(?:0\.[5-9]\d|1\.00)$/);
  },
);

test('what must stay here is answered here, and marked', async () => {
  const stays = 'constraints: [{ name: here, when: "true", require: { locality: local } }]';
  const whole = await started(simplePolicy(`${RULE}\n${stays}`));
  const answer = await whole.chat(GRAVE);
  expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
  expect(answer.headers.get('x-smallfirst-stakes')).toMatch(/^self-harm;/);
  expect(whole.cloud.requests).toHaveLength(0);
});

test('where little is at stake nothing is said of it', async () => {
  const answer = await (await started(simplePolicy())).chat(EASY);
  expect(answer.headers.get('x-smallfirst-stakes')).toBeNull();
});

test('the domain is named, whatever rule decided', async () => {
  const DOMAINS =
    'domains: [{ name: farewell, examples: [I do not want to live any more], use: large }]';
  const whole = await started(simplePolicy(`${RULE}\n${DOMAINS}`));
  const grave = await whole.chat(GRAVE);
  expect(grave.headers.get('x-smallfirst-rule')).toBe('stakes');
  expect(grave.headers.get('x-smallfirst-domain')).toBe('farewell');
  const other = await whole.chat('What is the capital of France?');
  expect(other.headers.get('x-smallfirst-domain')).toBeNull();
});
