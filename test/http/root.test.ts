/** `/` leads a person on, and every link on it leads somewhere. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

test('each link of the first page is there', async () => {
  const page = await (await fetch(whole.gateway.url)).text();
  const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, path]) => path);
  expect(links).toEqual(expect.arrayContaining(['/dashboard', '/docs', '/readyz']));
  for (const path of links)
    expect((await fetch(`${whole.gateway.url}${path}`)).status, path).toBe(200);
});
