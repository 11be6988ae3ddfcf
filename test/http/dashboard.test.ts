import { afterAll, beforeAll, expect, test } from 'vitest';
import { simplePolicy, startWhole, type WholeGateway } from '../support/whole-gateway.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startWhole();
});
afterAll(() => whole.close());

test.each([
  ['/dashboard', 'text/html'],
  ['/dashboard/dashboard.js', 'text/javascript'],
  ['/dashboard/style.css', 'text/css'],
])('%s is served, and lets nothing run but itself', async (path, type) => {
  const answer = await fetch(whole.gateway.url + path);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining(type),
  ]);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
});

test.each(['/dashboard/../package.json', '/dashboard/%2e%2e%2fpackage.json', '/dashboard/x.js'])(
  '%s is not',
  async (path) => {
    expect((await fetch(whole.gateway.url + path)).status).toBe(404);
  },
);

test('a policy in shadow is called so', async () => {
  const shadowing = await startWhole({ policy: simplePolicy('mode: { shadow: 0.5 }') });
  const about = await (await fetch(`${shadowing.gateway.url}/admin/about`)).json();
  expect(about).toMatchObject({ policy: { mode: 'shadow' } });
  await shadowing.close();
});

test('the page is told the policy and that nothing has to be noticed', async () => {
  const about = await (await fetch(`${whole.gateway.url}/admin/about`)).json();
  expect(about).toMatchObject({ policy: { name: 'test', mode: 'on' }, notice: null, ready: true });
});
