/** Two keys and everything that a cloud account keeps: neither reaches what the other made, now or after a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CARRIED } from '../../src/http/routes/carried.ts';
import { openStores } from '../../src/stores/open.ts';
import { BODIES, PATHS } from '../support/named-objects.ts';
import { startAccountCloud, type AccountCloud } from '../support/account-cloud.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const KEYS = {
  A: 'key-of-a-0123456789',
  B: 'key-of-b-0123456789',
  C: 'key-of-c-0123456789',
  O: 'the-operators-01234',
};
const config = `auth:
  mode: keys
  keys:
    - { name: a, key: '\${A}' }
    - { name: b, key: '\${B}', team: shop, share: team }
    - { name: c, key: '\${C}', team: shop, share: team }
    - { name: operator, key: '\${O}', account: true }
carried: [{ method: POST, path: /agents, makes: true }, { method: GET, path: '/agents/{agent}' }, { method: POST, path: /tasks, ids: [agent] }]`;

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-owners-'));
let cloud: AccountCloud;
let whole: WholeGateway;

async function start(): Promise<void> {
  const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };
  const stores = await openStores({ kind: 'sqlite', path: join(folder, 'state.db') }, tools);
  whole = await startTestGateway({ config, env: KEYS, stores, cloudUrl: cloud.url });
}

beforeAll(async () => {
  cloud = await startAccountCloud();
  await start();
});
afterAll(async () => {
  await whole.close();
  await cloud.close();
  rmSync(folder, { recursive: true });
});

type Key = keyof typeof KEYS;

async function ask(key: Key, method: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${KEYS[key]}`, 'content-type': 'application/json' };
  const answer = await fetch(`${whole.gateway.url}/v1${path}`, {
    method,
    headers,
    ...(method === 'POST' ? { body: JSON.stringify(body ?? { note: 1 }) } : {}),
  });
  const text = await answer.text();
  return { status: answer.status, text, headers: answer.headers };
}

const idIn = (text: string): string => /"id":"([^"]+)"/.exec(text)?.[1] ?? '';

/** What each key made, by the name that paths have for it. */
const made: Record<'A' | 'B', Record<string, string>> = { A: {}, B: {} };

const KINDS = [
  'file',
  'upload',
  'vector_store',
  'conversation',
  'container',
  'eval',
  'video',
  'assistant',
  'thread',
  'agent',
];
const plural = (kind: string): string => (kind === 'batch' ? 'batches' : `${kind}s`);

async function makeAll(key: 'A' | 'B'): Promise<void> {
  const all = made[key];
  for (const kind of KINDS) {
    const { status, text } = await ask(key, 'POST', `/${plural(kind)}`, {
      input: `secret of ${key}`,
    });
    expect([kind, status]).toEqual([kind, 200]);
    all[kind] = idIn(text);
  }
  const batch = await ask(key, 'POST', '/batches', {
    input_file_id: all['file'],
    input: `secret of ${key}`,
  });
  all['batch'] = idIn(batch.text);
  const response = { model: 'cloud/gpt-4o', input: `secret of ${key}` };
  all['response'] = idIn((await ask(key, 'POST', '/responses', response)).text);
  all['streamed'] = idIn(
    (await ask(key, 'POST', '/responses', { ...response, stream: true })).text,
  );
  all['item'] = `msg_of_${all['response']}`;
  all['code'] = `cntr_of_${all['streamed']}`;
  const messages = [{ role: 'user', content: `secret of ${key}` }];
  const chat = { model: 'cloud/gpt-4o', store: true, messages };
  all['completion'] = idIn((await ask(key, 'POST', '/chat/completions', chat)).text);
  const streamed = await ask(key, 'POST', '/chat/completions', { ...chat, stream: true });
  all['streamedCompletion'] = idIn(streamed.text);
}

beforeAll(async () => {
  await makeAll('A');
  await makeAll('B');
});

const withId = (value: unknown, id: string): object =>
  JSON.parse(JSON.stringify(value).replaceAll('"ID"', JSON.stringify(id))) as object;

/** A refusal with the id that was asked for left out: another's and an unknown one must read the same. */
const without = (text: string, id: string): string => text.replaceAll(id, 'ID');

describe.each(['in the same process', 'after a restart'])('%s', (when) => {
  beforeAll(async () => {
    if (when !== 'after a restart') return;
    await whole.close();
    await start();
  });

  test.each(PATHS)('%s %s is for its owner alone', async (method, path) => {
    const kind = /\{(\w+)\}/.exec(path)?.[1] ?? '';
    const at = (id: string): string =>
      path
        .replace(/\{\w+\}/, id)
        .replace(/\{file\}/, made.A['file'] ?? '')
        .replaceAll('{}', 'x_1');
    const own = at(made.A[kind] ?? '');
    expect((await ask('A', method, own)).status, own).toBe(200);
    cloud.clear();
    const others = await ask('B', method, own);
    const unknown = await ask('B', method, at('never_1'));
    expect([others.status, unknown.status]).toEqual([404, 404]);
    expect(without(others.text, made.A[kind] ?? '')).toBe(without(unknown.text, 'never_1'));
    expect(cloud.asked).toEqual([]);
    expect((await ask('O', method, own)).status).toBe(200);
  });

  test.each(BODIES)(
    '%s in the body of %s %j is taken from its owner alone',
    async (kind, path, body) => {
      const id = made.A[kind] ?? '';
      const [own, others, unknown] = [withId(body, id), id, 'never_1'].map((each) =>
        typeof each === 'string' ? withId(body, each) : each,
      );
      expect((await ask('A', 'POST', path, own)).status).toBe(200);
      cloud.clear();
      const [refused, never] = [
        await ask('B', 'POST', path, others),
        await ask('B', 'POST', path, unknown),
      ];
      expect(refused.status).toBe(JSON.stringify(body).includes('previous_') ? 400 : 404);
      expect([refused.status, without(refused.text, id)]).toEqual([
        never.status,
        without(never.text, 'never_1'),
      ]);
      expect(cloud.asked).toEqual([]);
    },
  );

  test.each(CARRIED.filter(({ lists }) => lists === true).map(({ path }) => path))(
    'the list %s has the caller’s own, page by page',
    async (path) => {
      const list = async (key: Key, query = '') => {
        const { text } = await ask(key, 'GET', `${path}${query}`);
        return JSON.parse(text) as {
          data: { id: string }[];
          has_more: boolean;
          last_id: string | null;
        };
      };
      const all = await list('A');
      const theirs = await list('B');
      const ids = all.data.map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.filter((id) => theirs.data.some((each) => each.id === id))).toEqual([]);
      expect(JSON.stringify(all)).not.toMatch(/total|secret of B/);
      const walked: string[] = [];
      for (let after = '', isMore = true; isMore;) {
        const page = await list('A', `?limit=1${after === '' ? '' : `&after=${after}`}`);
        walked.push(...page.data.map(({ id }) => id));
        after = page.last_id ?? '';
        isMore = page.has_more;
      }
      expect(walked).toEqual(ids);
      expect((await ask('A', 'GET', `${path}?after=${theirs.data[0]?.id}`)).status).toBe(404);
      expect((await list('O')).data.length).toBeGreaterThan(0);
    },
  );

  test('what a team shares is each of its keys’', async () => {
    expect((await ask('C', 'GET', `/files/${made.B['file']}`)).status).toBe(200);
    const body = { model: 'cloud/gpt-4o', input: 'and?', previous_response_id: made.B['response'] };
    expect((await ask('C', 'POST', '/responses', body)).status).toBe(200);
    expect((await ask('C', 'GET', `/files/${made.A['file']}`)).status).toBe(404);
  });
});
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
    const answer = await fetch(`${whole.gateway.url}/v1/threads/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEYS.B}`, 'content-type': type },
      body: body.replace('ID', made.A['assistant'] ?? ''),
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
        body: { input: [{ content: [{ type: 'input_file', file_id: made.A['file'] }] }] },
      };
      form.set('file', new Blob([`${JSON.stringify(line)}\n`]), 'lines.jsonl');
      const headers = { authorization: `Bearer ${KEYS[key]}` };
      return fetch(`${whole.gateway.url}/v1/files`, { method: 'POST', headers, body: form });
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
    expect(seen((await ask('A', 'GET', `/files/${made.A['file']}`)).headers)).toEqual([null, null]);
    const shown = seen((await ask('O', 'GET', `/files/${made.A['file']}`)).headers);
    expect(shown).toEqual(['org-operator', '7']);
  });

  test('the same Idempotency-Key of two callers is two to the cloud', async () => {
    const before = cloud.idempotencyKeys.length;
    for (const key of ['A', 'B'] as const)
      await fetch(`${whole.gateway.url}/v1/files`, {
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
