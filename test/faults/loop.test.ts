/** B7: a gateway that is its own upstream, directly or by way of others. */
import { afterEach, expect, test } from 'vitest';
import { hopsIn, hopsOnward, isLoop } from '../../src/core/hops.ts';
import { freePort } from '../support/gateway-process.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway | undefined;
afterEach(async () => {
  await whole?.close();
  whole = undefined;
});

test('it is told at the second pass, with a row for each pass', async () => {
  const port = await freePort();
  whole = await startTestGateway({
    env: { SMALLFIRST_PORT: String(port) },
    cloudUrl: `http://127.0.0.1:${port}/v1`,
  });
  const answer = await whole.chat('hi', { model: 'cloud/gpt-4o' });
  expect(answer.status).toBeGreaterThanOrEqual(500);
  const page = await fetch(`${whole.gateway.url}/admin/requests?limit=10`);
  const { records } = (await page.json()) as { records: { error?: { code: string } }[] };
  expect(records).toHaveLength(2);
  expect(JSON.stringify(records)).toContain('gateway_loop');
});

test('what passed here is known again, and what others write there is not passed on', () => {
  const once = hopsOnward(undefined);
  expect(isLoop(once)).toBe(true);
  expect(isLoop(`abcdefghijklmnop, ${once}`)).toBe(true);
  expect(isLoop('abcdefghijklmnop')).toBe(false);
  expect(isLoop(Array.from({ length: 8 }, () => 'abcdefghijklmnop').join(', '))).toBe(true);
  expect(hopsIn('abcdefghijklmnop')).toBe('abcdefghijklmnop');
  for (const foreign of ['ana@example.org', '600123456', 'abcdefghijklmnop,', 'ABCDEFGHIJKLMNOP'])
    expect(hopsIn(foreign)).toBeUndefined();
});
