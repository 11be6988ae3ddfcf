/** Policies by `/admin/policies`: read, checked, saved and taken back. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulationAnswer } from '../../src/core/admin-simulation.ts';
import type { PolicyVersion } from '../../src/core/policy-store.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

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

test('a long policy with domains is checked, saved and used; what is wrong with it has its line', async () => {
  const fresh = await startTestGateway();
  const text = simplePolicy(`domains:
  - { name: parcel, use: large, examples: [where is my parcel, my parcel has not arrived] }
${Array.from({ length: 60 }, (_, at) => `  - { name: d${at}, use: small, examples: ["please tell me about the matter with number ${at}00${at}"] }`).join('\n')}`);
  const checked = await fresh.post('/admin/policies/check', { text: `${text}rulez: []\n` });
  expect(await checked.json()).toMatchObject({
    problems: [{ file: 'editor', line: 67, column: 1, message: expect.stringContaining('rulez') }],
  });
  const saved = await fresh.post('/admin/policies', { text });
  expect(saved.status).toBe(201);
  const { version } = (await saved.json()) as PolicyVersion;
  const active = await fresh.post(`/admin/policies/${version}/activate`, {});
  expect(await active.json()).toMatchObject({ version });
  const answer = await fresh.chat('where is my parcel');
  expect(answer.headers.get('x-smallfirst-rule')).toBe('domain:parcel');
  await fresh.close();
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

test('a text that is too long is told with the limit', async () => {
  const answer = await whole.post('/admin/policies/check', { text: 'x'.repeat(300_000) });
  expect(await answer.text()).toContain('larger than 256 KiB');
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

test('aliases without end are refused before they are unfolded', async () => {
  const bomb = [
    'a: &a0 [x]',
    ...Array.from({ length: 30 }, (_, at) => `b${at}: &a${at + 1} [*a${at}, *a${at}]`),
  ];
  const checked = await whole.post('/admin/policies/check', { text: bomb.join('\n') });
  expect(await checked.json()).toMatchObject({
    problems: [{ message: expect.stringContaining('alias') }],
  });
});

test('a text begun before a newer version was saved is refused with the differences', async () => {
  const gateway = await startTestGateway();
  const save = async (text: string, base?: string) =>
    await gateway.post('/admin/policies', { text, ...(base === undefined ? {} : { base }) });
  const [first] = (
    (await (await fetch(`${gateway.gateway.url}/admin/policies`)).json()) as {
      policies: readonly PolicyVersion[];
    }
  ).policies;
  const mine = simplePolicy('mode: observe');
  const theirs = (await (
    await save(simplePolicy('mode: off'), first!.version)
  ).json()) as PolicyVersion;
  const refused = await save(mine, first!.version);
  expect(refused.status).toBe(409);
  const { error, newer, diff } = (await refused.json()) as Record<string, object>;
  expect(error).toMatchObject({ code: 'caller_outdated', param: 'base' });
  expect(newer).toMatchObject({ version: theirs.version });
  expect(newer).not.toHaveProperty('text');
  expect(diff).toMatch(/^-mode: off$[^]*^\+mode: observe$/m);
  expect((await save(mine, theirs.version)).status).toBe(201);
  // What is saved already is nothing new.
  expect((await save(mine, first!.version)).status).toBe(201);
  await gateway.close();
});

test('a text is tried on recorded requests: what flips, and what it costs', async () => {
  const gateway = await startTestGateway();
  const ids = [];
  for (const text of [EASY, EASY, HARD])
    ids.push((await gateway.record(await gateway.chat(text))).id);
  const small = simplePolicy().replace('complexityBelow: 0.4', 'complexityBelow: 1');
  const simulate = async (body: object) => await gateway.post('/admin/policies/simulate', body);
  const found = simulationAnswer.parse(await (await simulate({ text: small })).json());
  expect(found).toMatchObject({
    records: { replayed: 3 },
    before: { small: 2 / 3, large: 1 / 3 },
    after: { small: 1, large: 0 },
    flipped: { count: 1 },
    moved: [{ id: ids[2], from: { to: 'large cloud/gpt-4o' }, to: { to: 'small local/slm' } }],
    isCut: false,
  });
  expect(found.spending.cost.beforeNanoUsd).toBeGreaterThan(0);
  expect(found.quality?.after.low).toBeLessThan(found.quality!.before.low);
  const none = simulationAnswer.parse(
    await (await simulate({ text: small, since: Date.now() + 1e6 })).json(),
  );
  expect(none.records).toMatchObject({ replayed: 0, fromMs: null });
  expect((await simulate({ text: `${small}rulez: []` })).status).toBe(400);
  expect((await simulate({ text: small, since: 'yesterday' })).status).toBe(400);
  await gateway.close();
});

test('a file that is broken on disk is said on every page', async () => {
  const gateway = await startTestGateway();
  const about = async () =>
    (await (await fetch(`${gateway.gateway.url}/admin/about`)).json()) as { notice: string | null };
  expect((await about()).notice).toBeNull();
  await writeFile(join(gateway.folder, 'policy.yaml'), `${simplePolicy()}rulez: []\n`);
  await gateway.gateway.reload();
  expect((await about()).notice).toMatch(
    /policy's file cannot be used \(6:1 .*rulez.*test@\w+ stays/,
  );
  await gateway.close();
});
