/** No retry is billed twice: who asks again, in time or after an answer, gets the first one's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryAnswers } from '../../src/stores/memory/answers.ts';
import { openStores } from '../../src/stores/open.ts';
import { startTestGateway, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';

const open: WholeGateway[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function start(setup: Setup = {}): Promise<WholeGateway> {
  const whole = await startTestGateway(setup);
  open.push(whole);
  return whole;
}

/** Answers of the cloud wait until it is opened. */
let gate: PromiseWithResolvers<void>;
beforeEach(() => {
  gate = Promise.withResolvers();
});
const gated: Setup = {
  cloud: { behaviour: () => ({ kind: 'answer', gate: () => gate.promise }) },
};

const ask = (whole: WholeGateway, headers: Record<string, string>, init: object = {}, more = {}) =>
  whole.chat('the same question', { model: 'large', ...more }, { headers, ...init });

/** The bill: calls that the cloud was sent. */
const calls = (whole: WholeGateway): number => whole.cloud.requests.length;

test('a client that gives up and asks again gets the answer of its first call, and pays for one', async () => {
  const whole = await start({
    ...gated,
    cloudMore: ', price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 }',
    config: 'budgets: [{ name: day, usd: 1, per: day }]',
  });
  for (const count of ['0', '1']) {
    const leaving = new AbortController();
    const gone = expect(
      ask(whole, { 'x-stainless-retry-count': count }, { signal: leaving.signal }),
    ).rejects.toThrow();
    if (count === '0') await whole.cloud.nextRequest();
    else await expect.poll(() => joined(whole)).toBe(1);
    leaving.abort();
    await gone;
  }
  const third = ask(whole, { 'x-stainless-retry-count': '2' });
  await expect.poll(() => joined(whole)).toBe(2);
  gate.resolve();
  const answer = await third;
  expect([answer.status, answer.headers.get('idempotent-replayed'), calls(whole)]).toEqual([
    200,
    'true',
    1,
  ]);
  const { attempts } = await whole.record(answer);
  const { budgets } = (await (await fetch(`${whole.gateway.url}/admin/budgets`)).json()) as {
    readonly budgets: readonly { readonly spentUsd: number; readonly reservedUsd: number }[];
  };
  const charged = attempts.map(({ cost }) => (cost?.totalNanoUsd ?? 0) / 1e9);
  expect(charged).toHaveLength(1);
  expect(budgets).toMatchObject([{ spentUsd: charged[0], reservedUsd: 0 }]);
});

async function joined(whole: WholeGateway): Promise<number> {
  const text = await (await fetch(`${whole.gateway.url}/metrics`)).text();
  return Number(/smallfirst_idempotent_total\{result="joined"\} (\d+)/.exec(text)?.[1] ?? 0);
}

test('OpenAI’s SDK, which sends no key of its own, pays once for its own retries', async () => {
  const whole = await start(gated);
  const client = new OpenAI({
    baseURL: `${whole.gateway.url}/v1`,
    apiKey: 'none',
    timeout: 500,
    maxRetries: 20,
  });
  const asked = client.chat.completions.create({
    model: 'large',
    messages: [{ role: 'user', content: 'slow' }],
  });
  await expect.poll(() => joined(whole)).toBeGreaterThan(0);
  gate.resolve();
  expect((await asked).choices[0]?.message.content).toContain('cloud');
  expect(calls(whole)).toBe(1);
});

test('what failed is tried anew, and what is asked as new is new', async () => {
  let isBroken = true;
  const fails = { kind: 'error', status: 500, message: 'no' } as const;
  const whole = await start({ cloud: { behaviour: () => (isBroken ? fails : undefined) } });
  const pinned = { model: 'cloud/gpt-4o' };
  expect((await ask(whole, { 'x-stainless-retry-count': '0' }, {}, pinned)).status).toBe(500);
  isBroken = false;
  expect((await ask(whole, { 'x-stainless-retry-count': '1' }, {}, pinned)).status).toBe(200);
  expect((await ask(whole, { 'x-stainless-retry-count': '0' }, {}, pinned)).status).toBe(200);
  expect(calls(whole)).toBe(3);
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-17' };

  test('is one call for fifty who ask at once', async () => {
    const whole = await start();
    const all = await Promise.all(Array.from({ length: 50 }, () => ask(whole, key)));
    const texts = await Promise.all(all.map((answer) => answer.text()));
    expect([new Set(texts).size, calls(whole)]).toEqual([1, 1]);
    expect(all.filter(({ headers }) => headers.has('idempotent-replayed'))).toHaveLength(49);
  });

  test('gives a stream again, event by event', async () => {
    const whole = await start();
    const first = await (await ask(whole, key, {}, { stream: true })).text();
    const again = await ask(whole, key, {}, { stream: true });
    expect(again.headers.get('content-type')).toMatch('text/event-stream');
    expect([await again.text(), calls(whole)]).toEqual([first, 1]);
    expect(first).toMatch(/data: \[DONE\]\n\n$/);
  });

  test('gives an error again, and is refused for another request', async () => {
    const whole = await start({
      cloud: { behaviour: () => ({ kind: 'error', status: 400, message: 'bad' }) },
    });
    const first = await ask(whole, key);
    const again = await ask(whole, key);
    expect([again.status, await again.text()]).toEqual([first.status, await first.text()]);
    expect([first.status, calls(whole)]).toEqual([400, 1]);
    const other = await whole.chat('another', { model: 'large' }, { headers: key });
    expect(other.status).toBe(422);
    expect(await other.text()).toContain('caller_idempotency_reused');
  });

  test('keeps nothing of what could not be asked', async () => {
    const whole = await start();
    expect((await ask(whole, key, {}, { model: 'nobody' })).status).toBe(404);
    expect((await ask(whole, key, {}, { messages: 'wrong' })).status).toBe(400);
    expect((await ask(whole, key)).status).toBe(200);
    expect((await ask(whole, { 'idempotency-key': 'x'.repeat(256) })).status).toBe(400);
  });

  test('is each key’s own', async () => {
    const config =
      "auth: { mode: keys, keys: [{ name: a, key: '${A}' }, { name: b, key: '${B}' }] }";
    const env = { A: 'key-of-a-0123456789', B: 'key-of-b-0123456789' };
    const whole = await start({ config, env });
    for (const secret of Object.values(env))
      await ask(whole, { ...key, authorization: `Bearer ${secret}` });
    expect(calls(whole)).toBe(2);
  });

  test('whose answer went with its process is 409, and no second bill', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smallfirst-claims-'));
    folders.push(folder);
    const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };
    const again = async () => {
      const stores = await openStores({ kind: 'sqlite', path: join(folder, 'state.db') }, tools);
      return await start({ stores });
    };
    const before = await again();
    const id = (await ask(before, key)).headers.get('x-request-id');
    await open.pop()?.close();
    const after = await again();
    const gone = await ask(after, key);
    expect([gone.status, gone.headers.get('x-should-retry')]).toEqual([409, 'false']);
    expect(await gone.text()).toContain(id);
    const other = await whole422(after);
    expect([other, calls(after)]).toEqual([422, 0]);
  });

  const whole422 = async (whole: WholeGateway): Promise<number> =>
    (await whole.chat('another', { model: 'large' }, { headers: key })).status;
});

describe('another replica, with the same store and Redis', () => {
  /** One cloud and one store; what Redis would keep is in `replays`. */
  async function pair(setup: Setup): Promise<readonly [WholeGateway, WholeGateway]> {
    const folder = mkdtempSync(join(tmpdir(), 'smallfirst-claims-'));
    folders.push(folder);
    const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };
    const replays = memoryAnswers(tools.nowMs);
    const stores = async () => ({
      ...(await openStores({ kind: 'sqlite', path: join(folder, 'state.db') }, tools)),
      replays,
    });
    const first = await start({ ...setup, stores: await stores() });
    const second = await start({ stores: await stores(), cloudUrl: first.cloud.url });
    // Forgets what the second asked at its start.
    first.cloud.clear();
    return [first, second];
  }

  test.each<[string, Record<string, string>, Record<string, string>]>([
    ['a key', { 'idempotency-key': 'k1' }, { 'idempotency-key': 'k1' }],
    ['an SDK', { 'x-stainless-retry-count': '0' }, { 'x-stainless-retry-count': '1' }],
  ])('gives the answer to a retry with %s, also one that is under way', async (_, once, again) => {
    const [first, second] = await pair(gated);
    const asked = ask(first, once);
    await first.cloud.nextRequest();
    const retried = ask(second, again);
    gate.resolve();
    const [answer, replayed] = [await asked, await retried];
    expect(await replayed.text()).toBe(await answer.text());
    expect([replayed.status, replayed.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    const later = await ask(second, again);
    expect(later.headers.get('x-request-id')).toBe(answer.headers.get('x-request-id'));
    expect(calls(first)).toBe(1);
    expect((await ask(second, once, {}, { n: 2 })).status).toBe(
      'x-stainless-retry-count' in once ? 200 : 422,
    );
  });
});

describe('a hang-up stops the work', () => {
  const leave = async (whole: WholeGateway, headers: Record<string, string>, more: object) => {
    const leaving = new AbortController();
    const gone = expect(ask(whole, headers, { signal: leaving.signal }, more)).rejects.toThrow();
    const upstream = 'model' in more ? whole.local : whole.cloud;
    await upstream.nextRequest();
    leaving.abort();
    await gone;
    await upstream.nextHangup();
  };

  test.each([
    ['of who does not ask again', {}, {}, ''],
    ['where the small model answers', { 'x-stainless-retry-count': '0' }, { model: 'small' }, ''],
    ['at once, if so configured', { 'idempotency-key': 'k' }, {}, 'idempotency: { lingerMs: 0 }'],
  ])('%s', async (_, headers, more, config) => {
    let isUp = false;
    const hang = { behaviour: () => (isUp ? ({ kind: 'hang' } as const) : undefined) };
    const whole = await start({ local: hang, cloud: hang, config });
    isUp = true;
    await leave(whole, headers, more);
  });
});
