/** Policies by `/admin/policies`: read, checked, saved and taken back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PolicyVersion } from '../../src/core/policy-store.ts';
import { simplePolicy, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

const ask = async (path: string): Promise<{ status: number; body: Record<string, unknown> }> => {
  const answer = await fetch(whole.gateway.url + path);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

test('a mistake is named with its line and column, and nothing is saved', async () => {
  const text = `${simplePolicy()}rulez: []\n`;
  const checked = await whole.post('/admin/policies/check', { text });
  expect(await checked.json()).toMatchObject({
    problems: [{ line: 6, column: 1, message: expect.stringContaining('rulez') }],
  });
  const saved = await whole.post('/admin/policies', { text });
  expect(saved.status).toBe(400);
  expect(await saved.json()).toMatchObject({
    error: { param: 'text', message: expect.stringMatching(/6:1 .*rulez/) },
  });
  expect((await ask('/admin/policies')).body['policies']).toHaveLength(1);
});

test('a text is saved as a version, which is used once it is activated, and can be taken back', async () => {
  const text = simplePolicy('mode: observe');
  const saved = await whole.post('/admin/policies', { text, note: 'looking first' });
  expect(saved.status).toBe(201);
  const { version } = (await saved.json()) as PolicyVersion;
  expect((await ask(`/admin/policies/${version}`)).body).toMatchObject({
    text,
    note: 'looking first',
  });
  expect((await ask('/admin/policy')).body).toMatchObject({ mode: 'on' });
  await whole.post(`/admin/policies/${version}/activate`, {});
  expect((await ask('/admin/policy')).body).toMatchObject({ mode: 'observe', version });
  const back = await whole.post('/admin/policies/rollback', { note: 'seen enough' });
  expect(await back.json()).toMatchObject({ mode: 'on' });
  const { events } = (await ask('/admin/policies/audit')).body as {
    readonly events: readonly { readonly event: string }[];
  };
  expect(events.map(({ event }) => event)).toEqual([
    'policy_activated',
    'policy_activated',
    'policy_rolled_back',
  ]);
});

test('without a version before there is nothing to go back to', async () => {
  const fresh = await startTestGateway();
  const answer = await fresh.post('/admin/policies/rollback', {});
  expect(answer.status).toBe(404);
  await fresh.close();
});

test.each([
  [{}, 400],
  [{ text: 1 }, 400],
  [{ text: 'x'.repeat(1_000_000) }, 413],
])('a body like %o is refused', async (body, status) => {
  expect((await whole.post('/admin/policies', body)).status).toBe(status);
});

test('an unknown version is 404', async () => {
  expect((await ask('/admin/policies/0123456789ab')).status).toBe(404);
});

test('a viewer may check a text and save none', async () => {
  const config = `auth: { mode: keys, adminKey: '\${ADMIN}', keys: [{ name: eye, key: '\${EYE}', role: viewer }] }`;
  const env = { ADMIN: 'admin-'.repeat(8), EYE: 'eye-'.repeat(12) };
  const closed = await startTestGateway({ config, env });
  const headers = { authorization: `Bearer ${env.EYE}` };
  const body = { text: simplePolicy() };
  const statuses = [];
  for (const path of ['/check', '', '/rollback'])
    statuses.push((await closed.post(`/admin/policies${path}`, body, { headers })).status);
  expect(statuses).toEqual([200, 403, 403]);
  await closed.close();
});
