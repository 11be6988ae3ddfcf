/** How many requests are let in at once. */
import { expect, test } from 'vitest';
import { EASY, startTestGateway } from '../support/gateway-fixture.ts';

test('more requests at once than limits.maxInFlight are refused, and no more are sent', async () => {
  const whole = await startTestGateway({
    config: 'limits: { maxInFlight: 2 }',
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
