/** Two keys and everything that a cloud account keeps: neither reaches what the other made, now or after a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStores } from '../../src/stores/open.ts';
import type { AccountCloud } from '../support/account-cloud.ts';
import {
  OWNER_KEYS as KEYS,
  ownerMatrix,
  ownerWorld,
  type Key,
  type OwnerWorld,
} from '../support/owner-matrix.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-owners-'));
const storesOf = async () =>
  await openStores(
    { kind: 'sqlite', path: join(folder, 'state.db') },
    { nowMs: () => performance.now(), onLedgerProblem: () => {} },
  );

let world: OwnerWorld;
let cloud: AccountCloud;
const ask: OwnerWorld['ask'] = (...given) => world.ask(...given);

beforeAll(async () => {
  world = await ownerWorld({ stores: await storesOf() });
  ({ cloud } = world);
});
afterAll(async () => {
  await world.whole.close();
  await cloud.close();
  rmSync(folder, { recursive: true });
});

ownerMatrix('in the same process', () => world);
ownerMatrix(
  'after a restart',
  () => world,
  async () => {
    await world.whole.close();
    world.whole = await world.start({ stores: await storesOf() });
  },
);

describe('beyond single objects', () => {
  test.each([
    ['GET', '/organization/users'],
    ['DELETE', '/models/gpt-4o'],
    ['POST', '/fine_tuning/jobs'],
    ['GET', '/fine_tuning/jobs'],
    ['POST', '/realtime/sessions'],
    ['GET', '/files/../organization/users'],
    ['GET', '/threads/a%2Fb'],
    ['PUT', '/files'],
    ['POST', '/anything/new'],
  ])('%s %s is 404 for a key, and is the operator’s own', async (method, path) => {
    cloud.clear();
    expect((await ask('A', method, path)).status).toBe(404);
    expect(cloud.asked).toEqual([]);
  });

  test('the operator’s own key passes as without keys', async () => {
    cloud.clear();
    await ask('O', 'GET', '/organization/users');
    expect(cloud.asked).toEqual(['GET /v1/organization/users']);
  });

  test.each([
    ['a spelled-out member', '{"assistant_\\u0069d":"ID"}', 'application/json'],
    ['JSON that only others can read', '\ufeff{"assistant_id":"ID"}', 'application/json'],
    ['another type', '{"assistant_id":"ID"}', 'text/plain'],
    [
      'a form',
      '--x\r\nContent-Disposition: form-data; name="assistant_id"\r\n\r\nID\r\n--x--',
      'multipart/form-data; boundary=x',
    ],
    [
      'a form that names it otherwise',
      '--x\r\nContent-Disposition: form-data; name=assistant_id\r\n\r\nID\r\n--x--',
      'multipart/form-data; boundary=x',
    ],
  ])('an id in %s does not slip through', async (_, body, type) => {
    cloud.clear();
    const answer = await fetch(`${world.whole.gateway.url}/v1/threads/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEYS.B}`, 'content-type': type },
      body: body.replace('ID', world.made.A['assistant'] ?? ''),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(cloud.asked).toEqual([]);
  });

  test('a line of a batch may not name another’s file', async () => {
    const send = (key: Key) => {
      const form = new FormData();
      form.set('purpose', 'batch');
      const line = {
        custom_id: '1',
        body: { input: [{ content: [{ type: 'input_file', file_id: world.made.A['file'] }] }] },
      };
      form.set('file', new Blob([`${JSON.stringify(line)}\n`]), 'lines.jsonl');
      const headers = { authorization: `Bearer ${KEYS[key]}` };
      return fetch(`${world.whole.gateway.url}/v1/files`, { method: 'POST', headers, body: form });
    };
    expect((await send('A')).status).toBe(200);
    expect((await send('B')).status).toBe(404);
    expect((await ask('B', 'POST', '/uploads', { purpose: 'batch' })).status).toBe(400);
  });

  test('names of a caller’s own are no ids of objects', async () => {
    const tool = {
      type: 'function',
      function: {
        name: 'f',
        parameters: { type: 'object', properties: { file_id: { type: 'string' } } },
      },
    };
    const body = {
      model: 'cloud/gpt-4o',
      messages: [{ role: 'user', content: 'file_id' }],
      tools: [tool],
      metadata: { file_id: 'mine' },
    };
    expect((await ask('B', 'POST', '/chat/completions', body)).status).toBe(200);
  });

  test('an evaluation may not read what the account has said', async () => {
    const body = { data_source: { type: 'completions', source: { type: 'stored_completions' } } };
    expect((await ask('B', 'POST', '/evals', body)).status).toBe(404);
  });

  test('the account’s name and limits are not shown to keys, and are to the operator', async () => {
    const seen = (headers: Headers) =>
      ['openai-organization', 'x-ratelimit-remaining-requests'].map((name) => headers.get(name));
    for (const body of [
      { model: 'cloud/gpt-4o', input: 'hi' },
      { model: 'cloud/gpt-4o', input: 'refuse' },
    ])
      expect(seen((await ask('A', 'POST', '/responses', body)).headers)).toEqual([null, null]);
    expect(seen((await ask('A', 'GET', `/files/${world.made.A['file']}`)).headers)).toEqual([
      null,
      null,
    ]);
    const shown = seen((await ask('O', 'GET', `/files/${world.made.A['file']}`)).headers);
    expect(shown).toEqual(['org-operator', '7']);
  });

  test('the same Idempotency-Key of two callers is two to the cloud', async () => {
    const before = cloud.idempotencyKeys.length;
    for (const key of ['A', 'B'] as const)
      await fetch(`${world.whole.gateway.url}/v1/files`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${KEYS[key]}`,
          'content-type': 'application/json',
          'idempotency-key': 'one',
        },
        body: '{"a":1}',
      });
    const sent = cloud.idempotencyKeys.slice(before);
    expect(new Set(sent).size).toBe(2);
    for (const key of sent) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });
});
