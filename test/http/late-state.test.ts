/** Shared state that is not known in time: who is let in, what is answered, and what is counted. */
import { afterEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import { createDeadlines } from '../../src/engine/deadline.ts';
import { requestListener } from '../../src/http/listener.ts';
import type { Auth } from '../../src/http/callers/auth.ts';
import type { HttpParts } from '../../src/http/parts.ts';
import { listen } from '../../src/http/server.ts';
import { openStores, type Stores } from '../../src/stores/open.ts';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const AT_ONCE = { graceMs: 0, acceptMs: 0, idle: Promise.resolve(), endAll: () => {} };

const never = (): Promise<never> => new Promise(() => {});
const failing = (): Promise<never> => Promise.reject(new Error('connection refused'));

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

/** Only what is needed until somebody is let in: whoever comes further gets a 500. */
async function door(auth: Auth) {
  const rejected: unknown[] = [];
  const { start: stateDeadline, timeouts } = createDeadlines({ ms: 5, nowMs: () => 0 });
  const parts = {
    auth,
    corsOrigins: [],
    authIsOpen: true,
    newId: () => 'req_1',
    epochMs: () => 0,
    nowMs: () => 0,
    readLater: () => {},
    isDraining: () => false,
    stateDeadline,
    storedDeadline: stateDeadline,
    gateway: { reject: (_: unknown, error: unknown) => rejected.push(error) },
    reportBug: () => {},
  } as unknown as HttpParts;
  const listening = await listen(requestListener(parts), { host: '127.0.0.1', port: 0 });
  open.push(() => listening.close(AT_ONCE));
  return { url: listening.url, rejected, timeouts };
}

describe.each([
  ['never answers', never],
  ['fails', failing],
])('a directory of keys that %s', (_, broken) => {
  test.each([
    'POST /v1/chat/completions',
    'POST /v1/responses',
    'POST /v1/route',
    'POST /v1/feedback',
    'GET /v1/models',
    'GET /v1/models/m',
    'GET /v1/responses/resp_1',
    'DELETE /v1/responses/resp_1',
    'GET /v1/responses/resp_1/input_items',
    'GET /v1/files',
    'GET /dashboard',
    'GET /admin/about',
    'GET /admin/models',
    'GET /admin/requests',
    'GET /admin/requests/req_1',
    'GET /admin/requests/req_1/why',
    'GET /admin/meters',
    'GET /admin/report',
    'GET /admin/upstreams',
    'POST /admin/upstreams/local/check',
    'GET /admin/policy',
    'GET /admin/policies',
    'GET /admin/policies/0123456789ab',
    'GET /admin/policies/audit',
    'POST /admin/policies',
    'POST /admin/policies/check',
    'POST /admin/policies/rollback',
    'GET /admin/keys',
    'POST /admin/keys',
    'POST /admin/keys/bot/rotate',
    'DELETE /admin/keys/bot',
    'POST /admin/policies/0123456789ab/activate',
  ])('lets nobody in at %s', async (route) => {
    const { url, timeouts } = await door({
      caller: broken,
      admin: broken,
      requireHost: () => {},
      forget: () => {},
      changes: () => 0,
    });
    const [method = '', path = ''] = route.split(' ');
    const answer = await fetch(url + path, { method });
    expect([answer.status, await answer.json()]).toMatchObject([
      503,
      { error: { code: 'gateway_state_unavailable', type: 'server_error' } },
    ]);
    expect(timeouts().auth).toBe(1);
  });
});

test('a directory of keys that answers later refuses in its own words', async () => {
  const refused = new GatewayError('caller_bad_key', 'Incorrect key.');
  const refuse = (): Promise<never> =>
    new Promise((_, reject) => void setImmediate(reject, refused));
  const { url, rejected, timeouts } = await door({
    caller: refuse,
    admin: refuse,
    requireHost: () => {},
    forget: () => {},
    changes: () => 0,
  });
  const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST' });
  expect(answer.status).toBe(401);
  expect(rejected).toEqual([refused]);
  expect((await fetch(`${url}/admin/policy`)).status).toBe(401);
  expect(timeouts().auth).toBe(0);
});

async function start(over: {
  readonly responses?: Partial<Stores['responses']>;
  readonly conversations?: Partial<Stores['conversations']>;
}): Promise<WholeGateway> {
  const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };
  const stores = await openStores({ kind: 'memory' }, tools);
  const gateway = await startTestGateway({
    stores: {
      ...stores,
      responses: { ...stores.responses, ...over.responses },
      conversations: { ...stores.conversations, ...over.conversations },
    },
  });
  open.push(() => gateway.close());
  return gateway;
}

const counted = async ({ gateway }: WholeGateway, port: string): Promise<number> => {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(
    new RegExp(`^smallfirst_state_timeouts_total\\{port="${port}"\\} (\\d+)$`, 'm').exec(text)?.[1],
  );
};

test('a store of conversations that never answers makes every turn a fresh one', async () => {
  const whole = await start({ conversations: { get: never } });
  const headers = { 'x-session-id': 's1' };
  expect((await whole.chat(EASY, {}, { headers })).status).toBe(200);
  expect(await counted(whole, 'conversations')).toBe(1);
  expect(await counted(whole, 'auth')).toBe(0);
});

describe('a store of responses that never answers', () => {
  const broken = { load: never, item: never, isOwnedByOther: never, remove: never };

  test('is 503 for a follow-up: it is not answered without its history', async () => {
    const whole = await start({ responses: broken });
    const body = { model: 'auto', input: 'Why?', previous_response_id: 'resp_1' };
    const answer = await whole.post('/v1/responses', body);
    expect([answer.status, await answer.json()]).toMatchObject([
      503,
      { error: { code: 'gateway_state_unavailable' } },
    ]);
    expect(whole.local.requests).toEqual([]);
    expect(whole.cloud.requests).toEqual([]);
    expect(await whole.record(answer)).toMatchObject({
      outcome: 'failed',
      errorCode: 'gateway_state_unavailable',
    });
    expect(await counted(whole, 'stored_responses')).toBe(1);
  });

  test.each(['GET /resp_1', 'DELETE /resp_1', 'GET /resp_1/input_items'])(
    'is 503 for %s, which is not passed on either',
    async (route) => {
      const whole = await start({ responses: broken });
      const [method = '', path = ''] = route.split(' ');
      const answer = await fetch(`${whole.gateway.url}/v1/responses${path}`, { method });
      expect(answer.status).toBe(503);
      expect(whole.cloud.requests).toEqual([]);
      expect(await counted(whole, 'stored_responses')).toBe(1);
    },
  );

  test('is 503 where only the owner of an id is not known', async () => {
    const whole = await start({ responses: { isOwnedByOther: never } });
    const answer = await fetch(`${whole.gateway.url}/v1/responses/resp_1`);
    expect(answer.status).toBe(503);
    expect(whole.cloud.requests).toEqual([]);
  });
});
