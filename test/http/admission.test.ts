/** How many requests are let in at once. */
import { expect, test } from 'vitest';
import { EASY, startTestGateway } from '../support/gateway-fixture.ts';

test('a request beyond limits.maxInFlight waits for its turn, and is not sent before', async () => {
  const whole = await startTestGateway({
    config: 'limits: { maxInFlight: 1, maxWaitMs: 60000 }',
    local: { behaviour: ({ text }) => (text.includes('hang') ? { kind: 'hang' } : undefined) },
  });
  try {
    const leaving = new AbortController();
    const held = whole
      .chat('hang', { model: 'small' }, { signal: leaving.signal })
      .catch(() => undefined);
    await whole.local.nextRequest();
    const waiting = whole.chat(EASY, { model: 'small' });
    const next = whole.local.nextRequest().then(() => 'sent');
    // A request of another kind, which needs no place, is answered meanwhile.
    expect((await fetch(`${whole.gateway.url}/v1/models`)).status).toBe(200);
    expect(await Promise.race([next, Promise.resolve('not yet')])).toBe('not yet');
    leaving.abort();
    expect(await next).toBe('sent');
    expect((await waiting).status).toBe(200);
    await held;
  } finally {
    await whole.close();
  }
});

test('more requests at once than limits.maxInFlight are refused where none may wait, and no more are sent', async () => {
  const whole = await startTestGateway({
    config: 'limits: { maxInFlight: 2, maxWaitMs: 0 }',
    local: { behaviour: ({ text }) => (text.includes('hang') ? { kind: 'hang' } : undefined) },
  });
  try {
    const leaving = new AbortController();
    const held = Array.from({ length: 2 }, () =>
      whole.chat('hang', { model: 'small' }, { signal: leaving.signal }).catch(() => undefined),
    );
    await Promise.all([whole.local.nextRequest(), whole.local.nextRequest()]);
    const refused = await whole.chat(EASY, { model: 'small' });
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ error: { code: 'gateway_overloaded' } });
    leaving.abort();
    await Promise.all([...held, whole.local.nextHangup(), whole.local.nextHangup()]);
    expect((await whole.chat(EASY, { model: 'small' })).status).toBe(200);
  } finally {
    await whole.close();
  }
});
