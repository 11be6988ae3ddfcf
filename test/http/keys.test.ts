/** Keys from end to end: made beside a running gateway, narrowed, rotated, revoked, and by whom. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openKeyStore } from '../../src/stores/open.ts';
import type { Act } from '../../src/core/policy-store.ts';
import { digestOf } from '../../src/http/callers/key-secret.ts';
import { adminCaller, bearer } from '../support/admin-call.ts';
import { HARD, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const ADMIN = 'admin-key-0123456789';
const DATA = 'data-key-0123456789ab';
const env = { ADMIN, DATA };
const config =
  "auth: { mode: keys, adminKey: '${ADMIN}', keys: [{ name: fixed, key: '${DATA}' }] }";

async function start(setup: Setup = {}): Promise<WholeGateway> {
  return await open({ config, env, store: 'sqlite', ...setup });
}

const admin = adminCaller(ADMIN);

/** The secret of a new key. */
async function made(whole: WholeGateway, key: object): Promise<string> {
  const { status, body } = await admin(whole, 'POST', 'keys', key);
  expect(status).toBe(201);
  return String(body['secret']);
}

const chat = (whole: WholeGateway, secret: string, more: object = {}) =>
  whole.chat(HARD, { ...more }, { headers: bearer(secret) });

const errorOf = async (answer: Response) =>
  ((await answer.json()) as { readonly error: { readonly code: string; readonly message: string } })
    .error;

test('a key made by a command beside the running gateway is let in, and refused when it is revoked', async () => {
  const whole = await start();
  const store = openKeyStore({ kind: 'sqlite', path: join(whole.folder, 'state.db') });
  const act: Act = { who: 'ana', note: '', atMs: Date.now() };
  const key = { role: 'data', labels: {}, mayOverride: true, account: false } as const;
  const digest = digestOf('sf-another').toString('hex');
  expect((await chat(whole, 'sf-another')).status).toBe(401);
  await store.create({ name: 'new', digest, ...key, createdMs: 1, createdBy: 'ana' }, act);
  await expect.poll(async () => (await chat(whole, 'sf-another')).status).toBe(200);
  await store.revoke('new', act);
  await expect.poll(async () => (await chat(whole, 'sf-another')).status).toBe(401);
  expect((await errorOf(await chat(whole, 'sf-another'))).message).toMatch(/'new' was revoked at/);
  await store.close();
});

test.each(['authorization', 'x-api-key', 'api-key'])('a key is taken as %s', async (header) => {
  const whole = await start();
  const secret = await made(whole, { name: 'bot' });
  const value = header === 'authorization' ? `Bearer ${secret}` : secret;
  expect((await whole.chat(HARD, {}, { headers: { [header]: value } })).status).toBe(200);
  expect((await whole.chat(HARD, {}, { headers: { [header]: `${value}x` } })).status).toBe(401);
});

test('a rotated key is taken under both secrets, and under the new one alone without grace', async () => {
  const whole = await start();
  const first = await made(whole, { name: 'bot' });
  const second = String((await admin(whole, 'POST', 'keys/bot/rotate', {})).body['secret']);
  expect([(await chat(whole, first)).status, (await chat(whole, second)).status]).toEqual([
    200, 200,
  ]);
  const third = String(
    (await admin(whole, 'POST', 'keys/bot/rotate', { graceMs: 0 })).body['secret'],
  );
  const all = await Promise.all([first, second, third].map((secret) => chat(whole, secret)));
  expect(all.map(({ status }) => status)).toEqual([401, 401, 200]);
});

describe('the admin API', () => {
  test('refuses what it does not know, and keeps nothing of it', async () => {
    const whole = await start();
    for (const wrong of [
      { name: 'a', rights: 'all' },
      { name: 'a b' },
      { name: 'fixed' },
      { name: 'open' },
      { name: 'a', limits: { requestsPerMinute: 0 } },
      { name: 'a', upstreams: ['clod'] },
      { name: 'a', expiresMs: 1 },
      {},
    ]) {
      const { status, body } = await admin(whole, 'POST', 'keys', wrong);
      expect([status, body]).toMatchObject([400, { error: { code: 'invalid_value' } }]);
    }
    const { body } = await admin(whole, 'GET', 'keys');
    expect(body['keys']).toMatchObject([{ name: 'fixed', from: 'configuration' }]);
  });

  test('names who did what in the audit log, and shows no secret again', async () => {
    const whole = await start();
    const boss = await made(whole, { name: 'boss', role: 'admin' });
    const answer = await fetch(`${whole.gateway.url}/admin/keys`, {
      method: 'POST',
      headers: { ...bearer(boss), 'content-type': 'application/json' },
      body: '{"name":"bot","team":"shop"}',
    });
    const { secret } = (await answer.json()) as { readonly secret: string };
    const listed = JSON.stringify((await admin(whole, 'GET', 'keys')).body);
    expect(listed).toContain('"bot"');
    for (const hidden of [secret, digestOf(secret).toString('hex'), DATA])
      expect(listed).not.toContain(hidden);
    const state = await import('node:fs').then(({ readFileSync }) =>
      ['state.db', 'state.db-wal'].map((file) => readFileSync(join(whole.folder, file), 'latin1')),
    );
    expect(state.join('')).not.toContain(secret);
    expect(state.join('')).toContain(digestOf(secret).toString('hex'));
    expect(state.join('')).toMatch(/admin key.{0,40}key_created|key_created.{0,80}admin key/s);
    expect(state.join('')).toMatch(/boss.{0,20}key_created/s);
  });

  test('lets a viewer read records and no keys, and change nothing', async () => {
    const whole = await start();
    const viewer = await made(whole, { name: 'eye', role: 'viewer' });
    const ask = async (path: string, method = 'GET') =>
      (await fetch(`${whole.gateway.url}${path}`, { method, headers: bearer(viewer) })).status;
    expect(await ask('/admin/requests')).toBe(200);
    expect(await ask('/admin/report')).toBe(200);
    expect(await ask('/admin/keys')).toBe(403);
    expect(await ask('/admin/policies/0123456789ab/activate', 'POST')).toBe(403);
    expect(await ask('/v1/models')).toBe(401);
  });
});

describe('a key is held to', () => {
  test('its models, in the body and in the header, also where they are listed', async () => {
    const whole = await start();
    const secret = await made(whole, { name: 'bot', models: ['auto', 'gpt-4o*'] });
    expect((await chat(whole, secret)).status).toBe(200);
    expect((await chat(whole, secret, { model: 'gpt-4o-mini' })).status).toBe(200);
    const refused = await chat(whole, secret, { model: 'large' });
    expect([refused.status, (await errorOf(refused)).message]).toEqual([
      403,
      "Key 'bot' may not ask for 'large'; it may ask for auto, gpt-4o*.",
    ]);
    const headers = { ...bearer(secret), 'x-smallfirst-route': 'large' };
    expect((await whole.chat(HARD, {}, { headers })).status).toBe(403);
    const listed = await fetch(`${whole.gateway.url}/v1/models`, { headers: bearer(secret) });
    const { data } = (await listed.json()) as { readonly data: readonly { readonly id: string }[] };
    expect(data.map(({ id }) => id).toSorted()).toEqual(['auto', 'gpt-4o', 'gpt-4o-mini']);
  });

  test('its upstreams: a target elsewhere is removed, and what nobody may answer is refused', async () => {
    const whole = await start();
    const secret = await made(whole, { name: 'bot', upstreams: ['local'] });
    const answer = await chat(whole, secret);
    expect([answer.status, answer.headers.get('x-smallfirst-upstream')]).toEqual([200, 'local']);
    expect(answer.headers.get('x-smallfirst-rule')).toBe('key');
    const refused = await chat(whole, secret, { model: 'cloud/gpt-4o' });
    expect([refused.status, (await errorOf(refused)).code]).toEqual([403, 'caller_forbidden']);
    expect(whole.cloud.requests).toEqual([]);
  });

  test('this machine, for chats and for what is carried', async () => {
    const whole = await start();
    const secret = await made(whole, { name: 'bot', residency: 'local' });
    expect((await chat(whole, secret)).headers.get('x-smallfirst-upstream')).toBe('local');
    const carried = await whole.post(
      '/v1/moderations',
      { input: 'x' },
      { headers: bearer(secret) },
    );
    expect(carried.status).toBe(404);
    expect(whole.cloud.requests).toEqual([]);
  });

  test('its routes, beside the one that says what it may', async () => {
    const whole = await start();
    const secret = await made(whole, { name: 'bot', routes: ['embeddings'], team: 'shop' });
    expect((await chat(whole, secret)).status).toBe(403);
    const own = await fetch(`${whole.gateway.url}/v1/key`, { headers: bearer(secret) });
    expect(await own.json()).toEqual({
      object: 'key',
      name: 'bot',
      team: 'shop',
      labels: { team: 'shop' },
      mayOverride: true,
      budgets: [],
      policy: expect.stringMatching(/^test@/),
      routes: ['embeddings'],
    });
  });

  test('the policy where it may not choose, embeddings and carried routes included', async () => {
    const whole = await start();
    const secret = await made(whole, { name: 'bot', mayOverride: false });
    const init = { headers: bearer(secret) };
    const pinned = { model: 'cloud/text-embedding-3-small', input: 'hi' };
    expect((await whole.post('/v1/embeddings', pinned, init)).status).toBe(403);
    const small = { model: 'small', input: 'hi' };
    expect((await whole.post('/v1/embeddings', small, init)).status).toBe(403);
    const picture = { model: 'cloud/gpt-4o', prompt: 'a cat' };
    expect((await whole.post('/v1/images/generations', picture, init)).status).toBe(403);
    expect(whole.cloud.requests).toEqual([]);
  });
});

test('a short key is warned of on this machine', async () => {
  const whole = await start({ env: { ADMIN, DATA: 'abc' } });
  expect(whole.said.join('\n')).toContain("Key 'fixed' has fewer than 16 characters");
});

test('without any key the start says how to make one', async () => {
  const whole = await start({ config: 'auth: { mode: keys }', env: {} });
  expect(whole.said.join('\n')).toContain('`smallfirst keys create NAME` makes one');
});
