/** The body of a request comes late: what was changed since its head came holds for it. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { adminCaller, bearer } from '../support/admin-call.ts';
import { type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();
const ADMIN = 'admin-key-0123456789';
const admin = adminCaller(ADMIN);

async function start(): Promise<WholeGateway> {
  const config = "auth: { mode: keys, adminKey: '${ADMIN}' }";
  return await open({ config, env: { ADMIN }, store: 'sqlite' });
}

/** Sends the head, does something once it was read, and sends the body. */
async function late(
  { gateway }: WholeGateway,
  { path, secret, body }: { readonly path: string; readonly secret: string; readonly body: object },
  meanwhile: () => Promise<unknown>,
): Promise<{ readonly status: number | undefined; readonly said: string }> {
  const sent = JSON.stringify(body);
  const headers = {
    ...bearer(secret),
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(sent),
    expect: '100-continue',
  };
  const asked = request(gateway.url + path, { method: 'POST', headers });
  const answered = new Promise<{ status: number | undefined; said: string }>((resolve, reject) => {
    asked.once('response', (answer) => {
      void text(answer).then((said) => resolve({ status: answer.statusCode, said }));
    });
    asked.once('error', reject);
  });
  await new Promise<void>((resolve) => {
    asked.once('continue', resolve);
    asked.flushHeaders();
  });
  await meanwhile();
  asked.end(sent);
  return await answered;
}

const CHAT = { model: 'large', messages: [{ role: 'user', content: 'hi' }] };

test('a key that is revoked before the body came asks no model', async () => {
  const whole = await start();
  const secret = String((await admin(whole, 'POST', 'keys', { name: 'bot' })).body['secret']);
  const ask = { path: '/v1/chat/completions', secret, body: CHAT };
  expect(await late(whole, ask, async () => {})).toMatchObject({ status: 200 });
  whole.cloud.clear();
  const revoked = await late(whole, ask, async () => await admin(whole, 'DELETE', 'keys/bot'));
  expect(revoked.said).toContain("Key 'bot' was revoked");
  expect([revoked.status, whole.cloud.requests.length]).toEqual([401, 0]);
});

test('an admin key that is revoked before the body came changes nothing', async () => {
  const whole = await start();
  const changes = {
    keys: { name: 'another' },
    budgets: { name: 'another', usd: 1, per: 'day' },
    policies: { text: 'name: another\nobjective: { quality: 0.9 }' },
    'policies/rollback': {},
    'ledger/prune': { keepDays: 1 },
  };
  for (const [at, [path, body]] of Object.entries(changes).entries()) {
    const made = await admin(whole, 'POST', 'keys', { name: `root-${at}`, role: 'admin' });
    const secret = String(made.body['secret']);
    const revoke = async () => await admin(whole, 'DELETE', `keys/root-${at}`);
    const { status } = await late(whole, { path: `/admin/${path}`, secret, body }, revoke);
    expect([path, status]).toEqual([path, 401]);
  }
});
