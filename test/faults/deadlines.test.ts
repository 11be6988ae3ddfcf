/** Row E9: an upstream that only drips is ended by the caller's deadline, or by the gateway's own, and stopped. */
import { expect, test } from 'vitest';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { startDripUpstream, type Drip, type DripUpstream } from '../support/drip-upstream.ts';
import { startTestGateway, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';

const open = closedAfterEach<{ close(): Promise<void> }>();

async function dripping(
  drip: Drip,
  setup: Setup = {},
): Promise<{ whole: WholeGateway; upstream: DripUpstream }> {
  const upstream = await startDripUpstream(drip);
  const whole = await startTestGateway({ cloudUrl: upstream.url, ...setup });
  open.push(whole, upstream);
  return { whole, upstream };
}

const KINDS: readonly (readonly [Drip, boolean])[] = [
  ['comments', true],
  ['events', true],
  ['nothing', true],
  ['bytes', false],
  ['nothing', false],
];
test.each(KINDS)('%s, stream: %s, ends at the deadline of the request', async (drip, stream) => {
  const { whole, upstream } = await dripping(drip);
  const stopped = upstream.stopped();
  const begins = drip === 'events';
  const isTooEarly = (status: number, ms: number): boolean =>
    upstream.asked() === 0 || (begins && status === 504 && ms < 60_000);
  let answer: Response;
  let ms = 150;
  // The first request loads much: on a busy machine its time is over before anybody is asked, or an answer begins.
  do {
    ms *= 2;
    const headers = { 'x-smallfirst-deadline-ms': String(ms) };
    answer = await whole.chat('hi', { model: 'cloud/gpt-4o', stream }, { headers });
  } while (isTooEarly(answer.status, ms));
  const text = await answer.text();
  await stopped;
  expect(answer.status).toBe(begins ? 200 : 504);
  expect(text).toContain('gateway_deadline');
  expect(text).toContain(`${ms} ms`);
  expect(text).not.toContain('[DONE]');
  expect(await whole.record(answer)).toMatchObject({
    outcome: 'failed',
    status: 504,
    errorCode: 'gateway_deadline',
  });
});

test('without a deadline of its own, limits.totalMs ends it', async () => {
  const { whole, upstream } = await dripping('events', { config: 'limits: { totalMs: 1000 }' });
  const stopped = upstream.stopped();
  let answer: Response;
  do answer = await whole.chat('hi', { model: 'cloud/gpt-4o', stream: true });
  while (upstream.asked() === 0);
  expect(await answer.text()).toContain('raise limits.totalMs');
  await stopped;
});

test("an SDK's time-out ends a stream that has not begun, and none that has", async () => {
  const sdk = { headers: { 'x-stainless-timeout': '0.3' } };
  const { whole } = await dripping('comments');
  const silent = await whole.chat('hi', { model: 'cloud/gpt-4o', stream: true }, sdk);
  expect(silent.status).toBe(504);

  const { whole: talking } = await dripping('events');
  let begun: Response;
  let seconds = 0.15;
  let fromMs: number;
  // As above: a busy machine may need longer until it has begun.
  do {
    seconds *= 2;
    fromMs = performance.now();
    const headers = { 'x-stainless-timeout': String(seconds) };
    begun = await talking.chat('hi', { model: 'cloud/gpt-4o', stream: true }, { headers });
  } while (begun.status === 504 && seconds < 60);
  let [text, readMs] = ['', 0];
  for await (const piece of begun.body ?? []) {
    text += Buffer.from(piece).toString();
    readMs = performance.now() - fromMs;
    if (readMs > 2000 * seconds) break;
  }
  expect(readMs).toBeGreaterThan(2000 * seconds);
  expect(text).toContain('drip');
  expect(text).not.toContain('error');
});

test('a deadline that is no number changes nothing', async () => {
  const { whole } = await dripping('events', { config: 'limits: { totalMs: 1000 }' });
  const answer = await whole.chat(
    'hi',
    { model: 'cloud/gpt-4o', stream: true },
    { headers: { 'x-smallfirst-deadline-ms': 'soon' } },
  );
  expect(await answer.text()).toContain('limits.totalMs');
});

test('a caller is answered by the other model when the first one drips before it began', async () => {
  const { whole } = await dripping('comments', {
    cloudMore: ', timeouts: { firstByteMs: 100 }',
    config: 'limits: { totalMs: 60000 }',
  });
  const answer = await whole.chat(
    'hi',
    { model: 'large', stream: true },
    {
      headers: { 'x-smallfirst-deadline-ms': '20000' },
    },
  );
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
  await answer.text();
});
