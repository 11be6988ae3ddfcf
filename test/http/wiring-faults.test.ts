/** What a wrong key, an unreachable cloud and a dead local server mean for requests, and where they are seen. */
import { expect, test } from 'vitest';
import { startMockUpstream } from '../support/mock-upstream.ts';
import { EASY, HARD, simplePolicy, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const started = gatewayPerTest();

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

test('a key that an upstream of Anthropic’s kind refuses is said to be ours, and no variable of OpenAI’s is named', async () => {
  const claude = await startMockUpstream({ apiKey: 'the-right-one' });
  const whole = await started({
    config: `  - { name: claude, kind: anthropic, url: ${claude.url}, model: m, apiKey: "\${KEY}" }`,
    env: { KEY: 'wrong' },
  });
  const answer = await whole.chat(HARD, { model: 'claude/m' });
  await claude.close();
  expect(answer.status).toBe(401);
  const message = await errorOf(answer);
  expect(message).toContain("'claude' refuses the gateway's own key, not yours");
  expect(message).not.toContain('OPENAI');
  expect(whole.said.join('\n')).toContain("'claude' is down: it refuses the gateway's key (401)");
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

const jsonOf = async (whole: WholeGateway, path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`${whole.gateway.url}${path}`)).json()) as Record<string, unknown>;
const metricsOf = async (whole: WholeGateway): Promise<string> =>
  await (await fetch(`${whole.gateway.url}/metrics`)).text();
const FAULT = 'smallfirst_upstream_wiring_fault';

test('a wrong key is on the terminal at the start, on /readyz, on the dashboard and a metric', async () => {
  const whole = await started(WRONG_KEY);
  const words = "it refuses the gateway's key (401)";
  expect(whole.said.filter((line) => line.startsWith(`'cloud' is down: ${words}.`))).toHaveLength(
    1,
  );
  expect((await jsonOf(whole, '/readyz'))['detail']).toMatch(
    /^local up, cloud down: it refuses the gateway's key \(401\) since \d{4}-\d\d-\d\dT[\d:.]+Z$/,
  );
  expect((await jsonOf(whole, '/admin/about'))['notice']).toContain(`'cloud' is down: ${words}`);
  expect(await metricsOf(whole)).toContain(`${FAULT}{upstream="cloud",cause="auth"} 1`);
});

test('a server that dies is said when a request meets it, and again when it is back', async () => {
  const whole = await started();
  expect((await jsonOf(whole, '/readyz'))['detail']).toBe('local up, cloud up');
  expect((await jsonOf(whole, '/admin/about'))['notice']).toBeNull();
  expect(await metricsOf(whole)).not.toContain(`${FAULT}{`);
  const { port } = whole.local;
  await whole.local.close();
  await whole.chat(EASY);
  await expect.poll(() => whole.said.some((line) => line.includes("'local' is down"))).toBe(true);
  expect(whole.said.at(-1)).toBe(
    "'local' is down: connection refused. Is it running, and is its `url` right?",
  );
  expect((await jsonOf(whole, '/readyz'))['detail']).toMatch(
    /^local down: connection refused since /,
  );
  expect(await metricsOf(whole)).toContain(`${FAULT}{upstream="local",cause="unreachable"} 1`);
  const back = await startMockUpstream({ name: 'local', models: ['slm'], port });
  await whole.chat(EASY, { model: 'local/slm' });
  expect(whole.said.at(-1)).toBe("'local' is up again.");
  expect(await metricsOf(whole)).not.toContain(`${FAULT}{`);
  await back.close();
});

test('where no upstream can be reached the gateway is not ready', async () => {
  const whole = await started();
  const ready = async (): Promise<readonly [number, unknown]> => {
    const answer = await fetch(`${whole.gateway.url}/readyz`);
    return [answer.status, ((await answer.json()) as { status: unknown }).status];
  };
  const { port } = whole.local;
  await Promise.all([whole.local.close(), whole.cloud.close()]);
  expect(await ready()).toEqual([200, 'ready']);
  expect((await whole.chat(EASY)).status).toBe(502);
  for (const name of ['local', 'cloud'])
    await expect
      .poll(() => whole.said.some((line) => line.includes(`'${name}' is down`)))
      .toBe(true);
  expect(await ready()).toEqual([503, 'not ready']);
  const back = await startMockUpstream({ name: 'local', models: ['slm'], port });
  await whole.chat(EASY, { model: 'local/slm' });
  expect(await ready()).toEqual([200, 'ready']);
  await back.close();
});

test('a cloud without a host is said at the start', async () => {
  const whole = await started({ cloudUrl: 'http://no-such-host.invalid/v1' });
  expect(whole.said.join('\n')).toMatch(
    /'cloud' is down: (no such host|its name could not be looked up)\./,
  );
});
