/** Below `server.basePath`, whether the proxy in front takes the path off or leaves it on. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const ADMIN = 'admin-key-0123456789';
const BASE = '/ai/smallfirst';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({
    server: `, basePath: ${BASE}`,
    config:
      "auth: { mode: keys, adminKey: '${ADMIN}', keys: [{ name: bot, key: '${ADMIN}-bot' }] }",
    env: { ADMIN },
    store: 'sqlite',
  });
});
afterAll(() => whole.close());

const get = async (path: string): Promise<Response> => await fetch(whole.gateway.url + path);

describe.each(['', BASE])("asked as '%s/…'", (prefix) => {
  test('chats are routed, however their path is written', async () => {
    const body = { model: 'auto', messages: [{ role: 'user', content: EASY }] };
    const headers = { authorization: `Bearer ${ADMIN}-bot` };
    for (const path of [
      '/v1/chat/completions',
      '/v1/v1/chat/completions',
      '//V1/Chat/completions/',
    ]) {
      const answer = await whole.post(prefix + path, body, { headers });
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get('x-smallfirst-tier')).toBe('small');
    }
  });

  test('every link of the pages begins with the path, and leads somewhere', async () => {
    for (const page of ['', '/', '/docs', '/docs/first-day', '/dashboard', '/dashboard/requests']) {
      const answer = await get(prefix + page);
      expect(answer.status, page).toBe(200);
      const links = [...(await answer.text()).matchAll(/(?:href|src)="([^"#]+)[^"]*"/g)]
        .map(([, to]) => to!)
        .filter((to) => !to.startsWith('https:'));
      expect(links.length, page).toBeGreaterThan(1);
      for (const to of links) {
        expect(to.startsWith(`${BASE}/`), `${page}: ${to}`).toBe(true);
        expect((await get(to)).status, to).toBe(200);
      }
    }
  });

  test('the cookie of a session is for the path alone', async () => {
    const answer = await fetch(`${whole.gateway.url}${prefix}/admin/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ key: ADMIN }),
    });
    expect(answer.headers.get('set-cookie')).toContain(`; Path=${BASE};`);
  });

  test('the description of the routes says where they are', async () => {
    const { servers, components } = (await (await get(`${prefix}/openapi.json`)).json()) as {
      servers: unknown;
      components: { securitySchemes: { session: { name: string } } };
    };
    expect(servers).toEqual([{ url: BASE }]);
    // `__Host-` would demand the path `/`.
    expect(components.securitySchemes.session.name).toBe('__Secure-smallfirst');
  });
});

test('what only looks like the path is no part of it', async () => {
  expect((await get(`${BASE}s/healthz`)).status).toBe(404);
  expect((await get('/ai/healthz')).status).toBe(404);
});
