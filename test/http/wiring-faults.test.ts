/** What a wrong key, an unreachable cloud and a dead local server mean for requests, and where they are seen. */
import { afterEach, expect, test } from 'vitest';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

const open: WholeGateway[] = [];
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

async function started(setup: Parameters<typeof startTestGateway>[0] = {}): Promise<WholeGateway> {
  const gateway = await startTestGateway(setup);
  open.push(gateway);
  return gateway;
}

const WRONG_KEY = { cloud: { apiKey: 'the-right-one', models: ['gpt-4o'] } };
const upstreamOf = (answer: Response): string | null => answer.headers.get('x-smallfirst-upstream');
const errorOf = async (answer: Response): Promise<string> => {
  const body = (await answer.json()) as { readonly error: { readonly message: string } };
  return body.error.message;
};

test('a key of ours that the cloud refuses is said to be ours, and nobody stands in', async () => {
  const whole = await started(WRONG_KEY);
  const answer = await whole.chat(HARD);
  expect(answer.status).toBe(401);
  const message = await errorOf(answer);
  expect(message).toContain("'cloud' refuses the gateway's own key, not yours");
  expect(message).toContain('apiKey');
  expect(whole.local.requests).toHaveLength(0);
  // Again and again: a wrong key is no reason to leave the cloud alone.
  for (let i = 0; i < 6; i += 1) expect((await whole.chat(`${HARD} ${i}`)).status).toBe(401);
  expect(upstreamOf(await whole.chat(EASY))).toBe('local');
});

test.each([
  ['the policy says so', 'whenUnavailable: { credentials: serve-other }'],
  ['a rule lists both', 'rules: [{ name: both, when: "true", use: [large, small] }]'],
])('the small model stands in for a refused key where %s', async (_, more) => {
  const whole = await started({ ...WRONG_KEY, policy: simplePolicy(more) });
  const answer = await whole.chat(HARD);
  expect(answer.status).toBe(200);
  expect(upstreamOf(answer)).toBe('local');
});

test('a policy that only watches does not hide a refused key either', async () => {
  const whole = await started({ ...WRONG_KEY, policy: simplePolicy('mode: observe') });
  expect((await whole.chat(EASY)).status).toBe(401);
});

test('the small model stands in for a cloud that cannot be reached', async () => {
  const whole = await started();
  await whole.cloud.close();
  expect(upstreamOf(await whole.chat(HARD))).toBe('local');
});
