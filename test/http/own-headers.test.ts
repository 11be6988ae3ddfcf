/** What callers say to the gateway itself is understood, or refused in words. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

const BODY = { model: 'auto', messages: [{ role: 'user', content: 'Hello' }] };

const ask = async (path: string, init: RequestInit = {}): Promise<readonly [number, string]> => {
  const answer = await fetch(whole.gateway.url + path, init);
  return [answer.status, await answer.text()];
};
const chat = (headers: Readonly<Record<string, string>>, body = JSON.stringify(BODY)) =>
  ask('/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

test('a wish that is not known is refused', async () => {
  expect(await chat({ 'X-Smallfirst-Verify': 'no' })).toEqual([
    400,
    expect.stringContaining("X-Smallfirst-Verify is 'no'. Send 'off', or leave it out."),
  ]);
});

test.each([{ 'x-smallfirst-verify': 'off' }, { 'x-smallfirst-deadline-ms': '60000' }])(
  '%j is understood',
  async (headers) => {
    expect((await chat(headers))[0]).toBe(200);
  },
);

test.each([
  ['hello', 'The mistake is at position 0 (line 1 column 1).'],
  ['{"model": "auto"', 'It ends before it is complete.'],
])('the body %j is refused, and the place of its mistake said', async (body, words) => {
  expect(await chat({}, body)).toEqual([400, expect.stringContaining(words)]);
});

test.each([
  ['/admin/requests?key=bot', "There is no parameter 'key' here."],
  ['/admin/requests?limt=5', "Did you mean 'limit'?"],
  ['/admin/report?sinc=5', "Did you mean 'since'?"],
])('%s would be answered as if nothing were asked for, so it is refused', async (path, words) => {
  expect(await ask(path)).toEqual([400, expect.stringContaining(words)]);
});

test.each([
  ['/admin/keys', { name: 'a', role: 'boss' }, 'must be one of `data`, `viewer`, `admin`'],
  [
    '/admin/keys',
    { name: 'a', limits: { requestPerMinute: 5 } },
    'did you mean `requestsPerMinute`?',
  ],
  ['/admin/keys', { name: 5 }, '`name` must be text, not a number'],
  ['/admin/budgets', { name: 'b', usd: 5, per: 'mont' }, 'did you mean `month`?'],
  ['/admin/ledger/prune', { keepDay: 5 }, 'did you mean `keepDays`?'],
])('%s with %j is told what to write', async (path, body, words) => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
  expect(await ask(path, { ...init, body: JSON.stringify(body) })).toEqual([
    400,
    expect.stringContaining(words),
  ]);
});
