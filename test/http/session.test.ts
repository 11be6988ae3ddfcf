/** Signing in to the page. */
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { sessionAnswer } from '../../src/core/admin-session.ts';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const ADMIN = 'admin-key-0123456789';
const VIEWER = 'viewer-key-0123456789';
const BOT = 'bot-key-0123456789-0123456789';
const config =
  "auth: { mode: keys, adminKey: '${ADMIN}', viewerKey: '${VIEWER}', keys: [{ name: bot, key: '${BOT}' }] }";

let whole: WholeGateway;
afterEach(() => whole.close());
const start = async (): Promise<void> => {
  whole = await startTestGateway({ config, env: { ADMIN, VIEWER, BOT }, store: 'sqlite' });
};

async function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: object,
) {
  const answer = await fetch(whole.gateway.url + path, {
    method,
    headers: { 'content-type': 'application/json', 'user-agent': 'a browser', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const cookie = answer.headers.get('set-cookie') ?? '';
  return { status: answer.status, cookie, body: (await answer.json()) as Record<string, unknown> };
}

async function signedIn(key: string): Promise<{ readonly cookie: string }> {
  const { status, cookie, body } = await ask('POST', '/admin/session', {}, { key });
  expect(status).toBe(201);
  sessionAnswer.parse(body);
  return { cookie: cookie.split(';', 1)[0]! };
}

const own = () => ({ origin: whole.gateway.url });

describe('a session', () => {
  test('reads what its key reads, and is known only by its digest', async () => {
    await start();
    expect((await ask('GET', '/admin/session')).body).toEqual({
      mode: 'keys',
      who: null,
      sessions: [],
    });
    const { cookie } = await ask('POST', '/admin/session', {}, { key: ADMIN });
    expect(cookie).toMatch(
      /^smallfirst-\d+=sf-.{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    );
    const headers = { cookie: cookie.split(';', 1)[0]! };
    expect((await ask('GET', '/admin/summary', headers)).status).toBe(200);
    const { body } = await ask('GET', '/admin/session', headers);
    expect(sessionAnswer.parse(body)).toMatchObject({
      who: { name: 'admin key', role: 'admin' },
      sessions: [{ own: true, agent: 'a browser' }],
    });
    expect(JSON.stringify(body)).not.toContain(headers.cookie.split('=')[1]);
  });

  test('has a prefixed, secure cookie where the host is not this machine', async () => {
    await start();
    const headers = { host: 'ai.example.org', 'content-type': 'application/json' };
    const asking = request(`${whole.gateway.url}/admin/session`, { method: 'POST', headers });
    asking.end(JSON.stringify({ key: ADMIN }));
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-smallfirst=.*; Secure$/);
  });

  test('changes things from a page of our own only', async () => {
    await start();
    const headers = await signedIn(ADMIN);
    const create = async (more: Record<string, string>, name: string) =>
      (await ask('POST', '/admin/keys', { ...headers, ...more }, { name })).status;
    expect(await create({}, 'a')).toBe(403);
    expect(await create({ origin: 'https://evil.example' }, 'b')).toBe(403);
    expect(await create(own(), 'c')).toBe(201);
    const other = await ask(
      'POST',
      '/admin/keys',
      { authorization: `Bearer ${ADMIN}` },
      { name: 'd' },
    );
    expect(other.status).toBe(201);
  });

  test('asks models as the caller `dashboard`, from a page of our own, and nothing else of /v1', async () => {
    await start();
    const headers = { ...(await signedIn(ADMIN)), ...own() };
    const body = { model: 'auto', messages: [{ role: 'user', content: EASY }] };
    const answer = await whole.post('/v1/chat/completions', body, { headers });
    expect(answer.status).toBe(200);
    const id = answer.headers.get('x-request-id');
    const { body: record } = await ask('GET', `/admin/requests/${id}`, headers);
    expect(record).toMatchObject({ caller: 'dashboard', outcome: 'answered' });
    expect((await ask('POST', '/v1/route', headers, body)).status).toBe(200);
    expect((await ask('GET', '/v1/models', headers)).status).toBe(200);
    expect((await ask('GET', '/v1/files', headers)).status).toBe(403);
    const { cookie } = headers;
    const elsewhere = { cookie, origin: 'https://evil.example' };
    for (const from of [{ cookie }, elsewhere])
      expect((await ask('POST', '/v1/chat/completions', from, body)).status).toBe(403);
    const viewer = { ...(await signedIn(VIEWER)), ...own() };
    expect((await ask('POST', '/v1/chat/completions', viewer, body)).status).toBe(403);
  });

  test("rates any caller's answer, where it may change things", async () => {
    await start();
    const bot = { authorization: `Bearer ${BOT}` };
    const headers = { ...(await signedIn(ADMIN)), ...own() };
    const answer = await whole.chat(EASY, {}, { headers: bot });
    const id = answer.headers.get('x-request-id');
    const given = { request_id: id, score: -1 };
    expect((await ask('POST', '/v1/feedback', headers, given)).status).toBe(202);
    const { body } = await ask('GET', `/admin/requests/${id}`, headers);
    expect(body['feedback']).toMatchObject([{ caller: 'dashboard', score: -1 }]);
    const viewer = { ...(await signedIn(VIEWER)), ...own() };
    expect((await ask('POST', '/v1/feedback', viewer, given)).status).toBe(403);
  });

  test('of a viewer changes nothing, and sees no session of others', async () => {
    await start();
    await signedIn(ADMIN);
    const headers = await signedIn(VIEWER);
    expect((await ask('GET', '/admin/requests', headers)).status).toBe(200);
    expect((await ask('POST', '/admin/keys', { ...headers, ...own() }, { name: 'a' })).status).toBe(
      403,
    );
    const { body } = await ask('GET', '/admin/session', headers);
    expect(sessionAnswer.parse(body).sessions).toMatchObject([{ name: 'viewer key', own: true }]);
  });

  test('ends where it is told to, its own or by its name', async () => {
    await start();
    const [mine, other] = [await signedIn(ADMIN), await signedIn(ADMIN)];
    const { sessions } = sessionAnswer.parse((await ask('GET', '/admin/session', mine)).body);
    const id = sessions.find((each) => !each.own)!.id;
    expect((await ask('DELETE', `/admin/session?id=${id}`, { ...mine, ...own() })).status).toBe(
      200,
    );
    expect((await ask('GET', '/admin/requests', other)).status).toBe(401);
    const { cookie } = await ask('DELETE', '/admin/session', { ...mine, ...own() });
    expect(cookie).toContain('Max-Age=0');
    expect((await ask('GET', '/admin/requests', mine)).status).toBe(401);
    expect((await ask('GET', '/admin/session', mine)).body).toMatchObject({ who: null });
  });
});

test('ten wrong keys in a minute are enough, and even a right one has to wait', async () => {
  await start();
  for (let times = 0; times < 10; times += 1)
    expect((await ask('POST', '/admin/session', {}, { key: 'wrong' })).status).toBe(401);
  const { status, body } = await ask('POST', '/admin/session', {}, { key: ADMIN });
  expect([status, body]).toMatchObject([429, { error: { code: 'caller_rate_limited' } }]);
  expect((await ask('GET', '/admin/requests', { authorization: `Bearer ${ADMIN}` })).status).toBe(
    200,
  );
});

test('without keys there is nothing to sign in to', async () => {
  whole = await startTestGateway();
  const { body } = await ask('GET', '/admin/session');
  expect(sessionAnswer.parse(body)).toMatchObject({ mode: 'open', who: { role: 'admin' } });
});

test('without keys the page asks as a caller of its own, and other programs as before', async () => {
  whole = await startTestGateway();
  const callerWith = async (headers: Readonly<Record<string, string>>): Promise<string> =>
    (await whole.record(await whole.chat(EASY, {}, { headers }))).caller;
  expect(await callerWith(own())).toBe('dashboard');
  expect(await callerWith({})).toBe('open');
});
