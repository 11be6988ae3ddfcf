/** What replicas share beside the ledger, over a real Postgres and Redis: responses, conversations, and whose the cloud's objects are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { secret } from '../../src/lib/secret.ts';
import { openStores } from '../../src/stores/open.ts';
import {
  EASY,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';
import { ownerMatrix, ownerWorld, type OwnerWorld } from '../support/owner-matrix.ts';
import { postgresOfFile } from '../support/postgres.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';

const KEYS = { a: 'key-of-a-0123456789', b: 'key-of-b-0123456789' };
type Key = keyof typeof KEYS;

describe.skipIf(!hasRedis)('two replicas on one Redis', () => {
  let redis: TestRedis;
  let one: WholeGateway;
  let two: WholeGateway;

  beforeAll(async () => {
    redis = await startRedis();
    const replica = () =>
      startTestGateway({
        policy: simplePolicy("rules: [{ name: tools, when: 'request.tools > 0', use: large }]"),
        env: { ...KEYS, redis: redis.url },
        config: `
shared: { redis: '\${redis}' }
auth: { mode: keys, keys: [{ name: a, key: '\${a}' }, { name: b, key: '\${b}' }] }`,
      });
    [one, two] = await Promise.all([replica(), replica()]);
  });
  afterAll(async () => {
    await one.close();
    await two.close();
    redis.close();
  });

  const headers = (key: Key) => ({ authorization: `Bearer ${KEYS[key]}` });
  const respond = async (whole: WholeGateway, key: Key, body: object) => {
    const answer = await whole.post('/v1/responses', body, { headers: headers(key) });
    return { status: answer.status, body: (await answer.json()) as { readonly id: string } };
  };
  const reach = async (whole: WholeGateway, key: Key, path: string, method = 'GET') => {
    const url = `${whole.gateway.url}/v1/responses/${path}`;
    return (await fetch(url, { method, headers: headers(key) })).status;
  };
  /** A response that both replicas know: what Redis answers later than a request may wait is not known. */
  const shared = async (input: string): Promise<string> => {
    let id = '';
    await expect
      .poll(async () => {
        ({ id } = (await respond(one, 'a', { model: 'small', input })).body);
        return await reach(two, 'a', id);
      })
      .toBe(200);
    return id;
  };
  const soon = async (status: () => Promise<number>, wanted: number): Promise<void> =>
    await expect.poll(status).toBe(wanted);

  test('a response of one is continued, read and deleted in the other, by its owner alone', async () => {
    const id = await shared('My name is Ana.');
    const more = { model: 'small', input: 'And my name?', previous_response_id: id };
    two.local.clear();
    await expect.poll(async () => (await respond(two, 'a', more)).status).toBe(200);
    expect(JSON.stringify(two.local.requests.at(-1)?.body)).toContain('My name is Ana.');
    expect((await respond(two, 'b', more)).status).toBe(400);
    expect([await reach(two, 'b', id), await reach(two, 'b', id, 'DELETE')]).toEqual([404, 404]);
    await soon(() => reach(two, 'a', `${id}/input_items`), 200);
    // Asked until it is done: of a Redis that answers late a replica says 503, or 404 of what another one made.
    const told: number[] = [];
    await soon(async () => {
      told.push(await reach(two, 'a', id, 'DELETE'));
      return await reach(one, 'a', id);
    }, 404);
    expect(told.filter((status) => ![200, 404, 503].includes(status))).toEqual([]);
    expect(await reach(two, 'a', id)).toBe(404);
  });

  test('a tool answers the model that called it, whichever replica has the next turn', async () => {
    const ask = async (whole: WholeGateway, messages: readonly object[], more: object = {}) => {
      const body = { model: 'auto', messages, ...more };
      const answer = await whole.post('/v1/chat/completions', body, { headers: headers('a') });
      await answer.text();
      return answer.headers.get('x-smallfirst-upstream');
    };
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const turns = (begun: string): readonly object[] => [
      { role: 'user', content: begun },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: 'done' },
    ];
    expect(await ask(two, turns(EASY))).toBe('local');
    let asked = 0;
    await expect
      .poll(async () => {
        const [first, ...rest] = turns(`${EASY} ${(asked += 1)}`);
        expect(await ask(one, [first!], { tools })).toBe('cloud');
        return await ask(two, [first!, ...rest]);
      })
      .toBe('cloud');
  });

  test('wiped, hung and gone, Redis takes nothing from the replica that has it', async () => {
    const id = await shared('Kept by one.');
    const client = new (await import('ioredis')).Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await soon(() => reach(one, 'a', id), 200);
    await soon(() => reach(two, 'a', id), 404);
    for (const end of ['SIGSTOP', 'SIGKILL'] as const) {
      process.kill(redis.pid, end);
      expect(await reach(one, 'a', id)).toBe(200);
      const more = { model: 'small', input: 'And?', previous_response_id: id };
      expect((await respond(one, 'a', more)).status).toBe(200);
      expect((await one.chat(EASY, {}, { headers: headers('a') })).status).toBe(200);
    }
  });
});

test.skipIf(!hasRedis)(
  'a Redis that refuses is said, and what only it could know is 503',
  async () => {
    const redis = await startRedis('--requirepass', 'another');
    const whole = await startTestGateway({
      policy: simplePolicy(),
      env: { redis: redis.url },
      config: "shared: { redis: '${redis}' }",
    });
    const { url } = whole.gateway;
    const textOf = async (path: string): Promise<string> => await (await fetch(url + path)).text();
    await expect.poll(() => textOf('/readyz')).toContain('Redis cannot be used, see the log');
    expect(await textOf('/metrics')).toMatch(/^smallfirst_redis_failing 1$/m);
    expect(whole.said.filter((line) => line.includes('NOAUTH'))).toHaveLength(1);
    const elsewhere = `${url}/v1/responses/resp_sf${'0'.repeat(32)}`;
    for (const method of ['GET', 'DELETE']) {
      const answer = await fetch(elsewhere, { method });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    }
    await whole.close();
    redis.close();
  },
);

describe('whose objects are, in another replica over the same Postgres', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-replicas-'));
  const postgres = postgresOfFile();
  let world: OwnerWorld;
  let first: WholeGateway;

  beforeAll(async () => {
    const url = secret(await postgres.database());
    const storesOf = async (name: string) =>
      await openStores(
        { kind: 'postgres', url, outbox: join(folder, `${name}.db`) },
        { nowMs: () => performance.now(), onLedgerProblem: () => {} },
      );
    world = await ownerWorld({ stores: await storesOf('one') });
    first = world.whole;
    world.whole = await world.start({ stores: await storesOf('two') });
    // What was made last is known last.
    const last = (key: 'A' | 'B'): string => world.made[key]['streamedCompletion'] ?? '';
    for (const key of ['A', 'B'] as const)
      await vi.waitFor(
        async () => {
          const { status } = await world.ask(key, 'GET', `/chat/completions/${last(key)}`);
          expect(status).toBe(200);
        },
        { timeout: 120_000 },
      );
  });
  afterAll(async () => {
    await first.close();
    await world.whole.close();
    await world.cloud.close();
    rmSync(folder, { recursive: true });
  });

  ownerMatrix('two keys and everything that each has made', () => world);
});
