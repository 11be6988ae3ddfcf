/** `/admin/upstreams`: how each stands, and asking one anew. */
import { expect, onTestFinished, test } from 'vitest';
import type { ShownUpstream } from '../../src/core/shown-upstream.ts';
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
  whole.local.clear();
  await whole.local.close();
  const checked = await whole.post('/admin/upstreams/local/check', {});
  const [local] = ((await checked.json()) as Listed).upstreams;
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
