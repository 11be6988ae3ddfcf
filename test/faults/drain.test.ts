/** Rows F20 and B6: what a stop does to requests under way and to those that come. */
import { expect, test } from 'vitest';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { startDripUpstream } from '../support/drip-upstream.ts';
import { startTestGateway, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';

const STREAMS = 200;

const open = closedAfterEach<{ close(): Promise<void> }>();

async function streaming(limits: string, setup: Setup = {}) {
  const upstream = await startDripUpstream('events');
  const whole = await startTestGateway({
    cloudUrl: upstream.url,
    config: `limits: { ${limits} }`,
    store: 'sqlite',
    ...setup,
  });
  open.push(upstream);
  return whole;
}

const stream = (whole: WholeGateway, init: { readonly signal?: AbortSignal } = {}) =>
  whole.chat('hi', { model: 'cloud/gpt-4o', stream: true }, init);

test('streams that outlast the grace end with an error event, and leave their rows', async () => {
  const whole = await streaming('drainMs: 4000');
  const answers = await Promise.all(Array.from({ length: STREAMS }, () => stream(whole)));
  const texts = Promise.all(answers.map((answer) => answer.text()));
  expect(await whole.gateway.close()).toMatchObject({ dropped: 0 });
  for (const text of await texts) {
    expect(text).toContain('data: {"id"');
    expect(text.trim().split('\n\n').at(-1)).toContain('gateway_draining');
    expect(text).not.toContain('[DONE]');
  }
});

test('meanwhile readiness and new requests are 503 and close their connection', async () => {
  const whole = await streaming('drainMs: 300000, drainAcceptMs: 300000');
  const leaving = new AbortController();
  const answer = await stream(whole, { signal: leaving.signal });
  const closed = whole.gateway.close();
  const ready = await fetch(`${whole.gateway.url}/readyz`);
  expect(ready.status).toBe(503);
  const refused = await whole.chat('hello');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('5');
  expect(refused.headers.get('connection')).toBe('close');
  expect(await refused.text()).toContain('gateway_draining');
  expect((await fetch(`${whole.gateway.url}/healthz`)).status).toBe(200);
  leaving.abort();
  await expect(answer.text()).rejects.toThrow('aborted');
  await closed;
  await expect(fetch(`${whole.gateway.url}/healthz`)).rejects.toThrow('fetch failed');
});

test('where nothing is under way a stop waits for nobody', async () => {
  const whole = await streaming('drainMs: 60000, drainAcceptMs: 60000');
  await (await fetch(`${whole.gateway.url}/healthz`)).text();
  expect(await whole.gateway.close()).toMatchObject({ dropped: 0 });
});
