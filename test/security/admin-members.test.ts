/** Row S11: a member that a route of administration does not know is refused, and changes nothing; nobody sets his own role or limit. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simplePolicy, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const ENV = {
  ADMIN: 'admin-key-0123456789',
  BOT: 'key-of-bot-0123456789',
  EYE: 'key-of-eye-0123456789',
};

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({
    store: 'sqlite',
    config:
      "auth: { mode: keys, adminKey: '${ADMIN}', keys: [{ name: bot, key: '${BOT}' }, { name: eye, key: '${EYE}', role: viewer }] }",
    env: ENV,
  });
  await send('POST', '/admin/keys', '{"name":"kept"}');
});
afterAll(() => whole.close());

const send = async (method: string, path: string, body: string, key: string = ENV.ADMIN) => {
  const answer = await fetch(whole.gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body,
  });
  return { status: answer.status, text: await answer.text() };
};

/** Every route of administration that reads a body, with one that it would take. */
const ROUTES: Readonly<Record<string, object>> = {
  '/admin/keys': { name: 'new' },
  '/admin/keys/kept/rotate': { graceMs: 0 },
  '/admin/budgets': { name: 'new', usd: 1, per: 'day' },
  '/admin/policies': { yaml: simplePolicy() },
  '/admin/policies/check': { yaml: simplePolicy() },
  '/admin/policies/simulate': { yaml: simplePolicy(), sinceMs: 0 },
  '/admin/policies/rollback': {},
  '/admin/ledger/prune': { beforeMs: 1 },
  '/admin/collected/delete': { beforeMs: 1 },
  '/admin/session': { key: ENV.ADMIN },
};
/** Those of keys, and what other gateways call them; `__proto__` is a member of its own in JSON. */
const FOREIGN = [
  'isAdmin',
  'admin',
  'is_admin',
  'permissions',
  'roles',
  'scopes',
  'id',
  'digest',
  'secret',
  'createdBy',
  'createdMs',
  'max_budget',
  'spend',
  'spent',
  'user_role',
  'tenant',
  'owner',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
];

const state = async () =>
  await Promise.all(
    ['keys', 'budgets', 'policies'].map(async (path) => {
      const answer = await fetch(`${whole.gateway.url}/admin/${path}`, {
        headers: { authorization: `Bearer ${ENV.ADMIN}` },
      });
      return await answer.text();
    }),
  );

test.each(Object.entries(ROUTES))(
  '%s refuses every member that it does not know',
  async (path, body) => {
    const before = await state();
    const written = JSON.stringify(body).slice(1, -1);
    for (const name of FOREIGN) {
      const text = `{${written}${written === '' ? '' : ','}"${name}":{"role":"admin"}}`;
      const { status } = await send('POST', path, text);
      expect([path, name, status]).toEqual([path, name, 400]);
    }
    expect(await state()).toEqual(before);
  },
);

test.each(['BOT', 'EYE'] as const)(
  'the key %s reaches no route that changes something',
  async (name) => {
    const before = await state();
    for (const [path, body] of Object.entries(ROUTES)) {
      if (path === '/admin/session') continue;
      const { status } = await send('POST', path, JSON.stringify(body), ENV[name]);
      expect([path, status < 500 && status >= 400]).toEqual([path, true]);
    }
    for (const path of ['/v1/key', '/admin/keys/bot', '/admin/keys/eye', '/admin/budgets/new'])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        const { status } = await send(method, path, '{"role":"admin","limits":{}}', ENV[name]);
        expect([method, path, status >= 400]).toEqual([method, path, true]);
      }
    expect(await state()).toEqual(before);
  },
);
