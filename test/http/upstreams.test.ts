/** `/admin/upstreams`: how each stands, and asking one anew. */
import { expect, onTestFinished, test } from 'vitest';
import type { ShownUpstream } from '../../src/core/shown-upstream.ts';
import { ok, type Check } from '../../src/core/check.ts';
import { EASY, startTestGateway } from '../support/gateway-fixture.ts';

interface Listed {
  readonly upstreams: readonly ShownUpstream[];
}

test('each is listed with its state in words, and asked anew when an admin wants it', async () => {
  const whole = await startTestGateway();
  onTestFinished(() => whole.close());
  await whole.chat(EASY);
  const { upstreams } = (await (
    await fetch(`${whole.gateway.url}/admin/upstreams`)
  ).json()) as Listed;
  expect(upstreams).toMatchObject([
    { name: 'local', locality: 'local', model: 'slm', words: 'up', isUp: true, queueDepth: 0 },
    { name: 'cloud', locality: 'cloud', model: 'gpt-4o', words: 'up', isUp: true },
  ]);
  const check = async (): Promise<Listed & { readonly checks: readonly Check[] }> =>
    (await (await whole.post('/admin/upstreams/local/check', {})).json()) as never;
  const well = await check();
  expect(well.checks.map(({ verdict }) => verdict)).not.toContain('fail');
  expect(well.checks).toContainEqual(ok('upstream local', 'calls tools'));
  whole.local.clear();
  await whole.local.close();
  const { upstreams: after, checks } = await check();
  expect(checks).toMatchObject([{ verdict: 'fail', words: expect.stringContaining('start the') }]);
  const [local] = after;
  expect(local).toMatchObject({
    isUp: false,
    words: expect.stringMatching(/^down: .* since \d{4}-/),
  });
});

test('one that is not configured is 404, and those that are stand in the answer', async () => {
  const whole = await startTestGateway();
  onTestFinished(() => whole.close());
  const answer = await whole.post('/admin/upstreams/nope/check', {});
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({
    error: { message: "No upstream 'nope' is configured. There are: local, cloud." },
  });
});

test('what its last requests showed is told: failures, how cost and energy are known', async () => {
  let isBroken = false;
  const whole = await startTestGateway({
    local: {
      behaviour: () =>
        isBroken ? { kind: 'error', status: 500 } : { kind: 'answer', text: 'word '.repeat(20) },
    },
  });
  onTestFinished(() => whole.close());
  await whole.record(await whole.chat(EASY));
  isBroken = true;
  const failed = await whole.record(await whole.chat(EASY));
  const { upstreams } = (await (
    await fetch(`${whole.gateway.url}/admin/upstreams`)
  ).json()) as Listed;
  const [local, cloud] = upstreams.map(({ recent }) => recent);
  expect(local).toMatchObject({
    costSource: expect.stringContaining('electricity'),
    energySource: expect.stringMatching(/^modelled: /),
    failures: [{ requestId: failed.id, model: 'slm', cause: 'server_error', status: 500 }],
  });
  expect(cloud).toMatchObject({
    failures: [],
    costSource: expect.stringContaining('genai-prices'),
  });
});
