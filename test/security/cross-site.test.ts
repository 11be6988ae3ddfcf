/** Row D1: a page of another site asks an open gateway, in every way that a browser asks without a preflight. */
import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({ server: ', cors: ["https://ours.acme.io"]' });
});
afterAll(() => whole.close());
beforeEach(() => {
  whole.cloud.clear();
  whole.local.clear();
});

/** `fetch` sets these headers itself. */
function post(
  path: string,
  headers: Readonly<Record<string, string>>,
  method = 'POST',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(whole.gateway.url);
    const asked = request({ hostname, port, path, method, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', reject);
    asked.end('{"model":"cloud/gpt-4o","messages":[{"role":"user","content":"hi"}]}');
  });
}

const PATHS = [
  '/v1/chat/completions',
  '/v1/responses',
  '/v1/images/generations',
  '/v1/route',
  '/admin/policies/x/activate',
];
const PAGES: readonly Readonly<Record<string, string>>[] = [
  { origin: 'https://evil.acme.io', 'sec-fetch-site': 'cross-site' },
  { origin: 'null', 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
  { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
];

test.each(PATHS.flatMap((path) => PAGES.map((page) => [path, page] as const)))(
  '%s from %j is 403',
  async (path, page) => {
    expect(await post(path, page)).toBe(403);
    expect([...whole.cloud.requests, ...whole.local.requests]).toEqual([]);
  },
);

test("a program, the gateway's own page and a configured origin are served", async () => {
  const json = { 'content-type': 'application/json' };
  const host = new URL(whole.gateway.url).host;
  expect(await post('/v1/chat/completions', json)).toBe(200);
  expect(
    await post('/v1/chat/completions', {
      ...json,
      origin: `http://${host}`,
      'sec-fetch-site': 'same-origin',
    }),
  ).toBe(200);
  expect(
    await post('/v1/chat/completions', {
      ...json,
      origin: 'https://ours.acme.io',
      'sec-fetch-site': 'cross-site',
    }),
  ).toBe(200);
});
