/** What keys, budgets and the ledger refuse, with the place and what to write; nothing half done is left. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storedKeys } from '../../src/offline.ts';
import { loadConfig } from '../../src/config/load.ts';
import { newKeyOf } from '../../src/commands/keys/new-key.ts';
import { duration } from '../../src/commands/parse-options.ts';
import { networkWarning } from '../../src/stores/sqlite/network-volume.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { configFile } from '../support/config-file.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const { problems } = configFile();
const KEY = "auth: { mode: keys, keys: [{ name: bot, key: '${K}', team: shop }] }";
const env = { K: 'key-0123456789abcd', T: 'cloud-0123456789ab', ADMIN: 'admin-key-0123456789' };
const budget = (more: string): string => `budgets: [{ name: b, usd: 1, per: day, ${more} }]`;

describe('in the configuration', () => {
  test.each([
    [
      'a budget of 0',
      'budgets: [{ name: b, usd: 0, per: day }]',
      'must be more than 0: without a budget leave it out',
    ],
    [
      'a negative one',
      'budgets: [{ name: b, usd: -5, per: day }]',
      'must be more than 0: without a budget leave it out',
    ],
    ['ten decimals', 'budgets: [{ name: b, usd: 0.0000000001, per: day }]', 'at most 9 decimals'],
    ['a zone that there is not', budget('zone: Europe/Madird'), 'the IANA name of a time zone'],
    [
      'a team that no key has',
      `${KEY}\n${budget('scope: { team: shopp }')}`,
      'smallfirst.yaml:2:55  no key is of the team `shopp`; did you mean `shop`?',
    ],
    [
      'a key that there is not',
      `${KEY}\n${budget('scope: { key: bott }')}`,
      'smallfirst.yaml:2:54  no key is called `bott`; did you mean `bot`?',
    ],
    [
      'two budgets of one name',
      'budgets: [{ name: b, usd: 1, per: day }, { name: b, usd: 2, per: day }]',
      '1:50  another budget has this name; names must differ',
    ],
    [
      'two keys of one name',
      "auth: { mode: keys, keys: [{ name: a, key: '${K}' }, { name: a, key: '${T}' }] }",
      '1:62  another key has this name; names must differ',
    ],
    [
      'a limit of 0',
      "auth: { mode: keys, keys: [{ name: a, key: '${K}', limits: { requestsPerMinute: 0 } }] }",
      '`auth.keys[0].limits.requestsPerMinute` must be at least 1',
    ],
    [
      'a credential for a team that no key has',
      `${KEY}\nupstreams: [{ name: c, kind: openai, locality: cloud, url: https://a/v1, model: m, apiKeys: { shopp: '\${T}' } }]`,
      'no key is of the team `shopp`; did you mean `shop`?',
    ],
    [
      'a pace without an end',
      'budgets: [{ name: b, usd: 1, per: all, pace: true }]',
      'a period that',
    ],
  ])('%s', (_, yaml, message) => {
    expect(problems(yaml, env).join('\n')).toContain(message);
  });
});

describe('of a command', () => {
  test.each([
    [{ expires: '31 January' }, /--expires is "31 January"; write 90d, or a day/],
    [{ limit: 'rpm=0' }, /--limit rpm=0 lets nothing through: revoke the key instead/],
    [{ limit: 'rps=5' }, /--limit knows no "rps"; write rpm=, tpm=, concurrent=/],
    [{ budget: '5/hour' }, /--budget is "5\/hour"; write US dollars and a period/],
  ])('keys create with %j', (given, message) => {
    expect(() => newKeyOf({ name: 'bot', ...given }, Date.now())).toThrow(message);
  });

  test.each(['-1d', 'tomorrow', '2099-01-01'])('--since %s', (text) => {
    expect(() => duration('since', text)).toThrow(/--since is ".*"; write a number with m, h, d/);
  });
});

describe('of a running gateway', () => {
  let whole: WholeGateway;
  beforeAll(async () => {
    whole = await startTestGateway({
      config: `auth: { mode: keys, adminKey: '\${ADMIN}', keys: [{ name: fixed, key: '\${K}' }] }
budgets: [{ name: month, usd: 50, per: month }]`,
      env,
      store: 'sqlite',
    });
    expect((await admin('POST', 'keys', { name: 'taken' })).status).toBe(201);
  });
  afterAll(async () => await whole.close());

  async function admin(method: string, path: string, body?: object) {
    const answer = await fetch(`${whole.gateway.url}/admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${env.ADMIN}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, text: await answer.text() };
  }
  const kept = async () =>
    (await Promise.all(['keys', 'budgets'].map((path) => admin('GET', path)))).map(
      ({ text }) => text,
    );

  test.each([
    ['keys', { name: 'taken' }, "There is a key 'taken' already"],
    ['keys', { name: 'fixed' }, "Key 'fixed' stands in the configuration: change it there."],
    ['keys', { name: 'open' }, "'open' is a name of the gateway itself"],
    ['keys', { name: 'n', expiresMs: 1_000 }, 'The expiry, 1970-01-01T00:00:01.000Z, is past.'],
    ['keys', { name: 'n', limits: { concurrent: 0 } }, 'limits.concurrent'],
    ['keys', { name: 'n', upstreams: ['clout'] }, "There is no upstream 'clout'"],
    ['keys', { name: 'n', nmae: 'x' }, 'nmae'],
    ['keys', { name: 'n', budget: { usd: 0, per: 'day' } }, 'must be more than 0'],
    [
      'keys',
      { name: 'month', budget: { usd: 1, per: 'day' } },
      "There is a budget 'month' already",
    ],
    ['budgets', { name: 'b', usd: 0, per: 'day' }, 'must be more than 0'],
    ['budgets', { name: 'b', usd: 1.0000000001, per: 'day' }, 'at most 9 decimals'],
    ['budgets', { name: 'b', usd: 1, per: 'day', zone: 'Mars/One' }, 'IANA name'],
    ['budgets', { name: 'b', usd: 1, per: 'day', scope: { key: 'nobody' } }, 'nobody'],
    ['budgets', { name: 'b', usd: 1, per: 'day', scope: { team: 'none' } }, 'none'],
    ['budgets', { name: 'month', usd: 1, per: 'day' }, 'configuration'],
  ])('%s %j', async (path, body, message) => {
    const before = await kept();
    const { status, text } = await admin('POST', path, body);
    expect([status, text]).toEqual([400, expect.stringContaining(message)]);
    expect(await kept()).toEqual(before);
  });

  test('a cursor of another list, and a time to come', async () => {
    for (let at = 0; at < 3; at += 1)
      await whole.chat('Hi', { model: 'small' }, { headers: { authorization: `Bearer ${env.K}` } });
    const next = async (path: string): Promise<string> => {
      const { text } = await admin('GET', path);
      return String((JSON.parse(text) as { next?: string }).next);
    };
    const [records, rows] = ['requests?limit=1', 'requests?view=rows&limit=1'];
    const theirs = await next(rows);
    const ours = await next(records);
    expect([theirs, ours]).not.toContain('undefined');
    const later = Date.now() + 3_600_000;
    for (const [path, message] of [
      [`${records}&cursor=${theirs}`, "'cursor' is not one of ours"],
      [`${rows}&cursor=${ours}`, "'cursor' is not one of ours"],
      [`requests?since=${later}`, 'which is after now'],
      [`report?since=${later}`, 'which is after now'],
      [`summary?from=${later}&to=${later + 1}`, 'which is after now'],
    ] as const)
      expect(await admin('GET', path)).toEqual({
        status: 400,
        text: expect.stringContaining(message),
      });
  });

  test('a budget for a key of the store stands in the configuration of the next start', () => {
    const file = join(whole.folder, 'smallfirst.yaml');
    const { budgets } = loadConfig({ file, env, kinds: upstreamKinds, storedKeys });
    expect(budgets).toHaveLength(1);
  });
});

test('a ledger on a network volume is said, with what to do', () => {
  const nfs = (): number => 0x6969;
  expect(networkWarning('store.path', '/mnt/share/state.db', nfs)).toMatch(
    /store\.path is \/mnt\/share\/state\.db, on a network volume \(NFS\).*Name a local disk/,
  );
  // As a signed number.
  expect(networkWarning('store.path', '/mnt/state.db', () => 0xff534d42 | 0)).toContain('SMB');
  expect(networkWarning('store.path', '/tmp/state.db', () => 0xef53)).toBeUndefined();
  expect(networkWarning('store.path', join(import.meta.dirname, 'state.db'))).toBeUndefined();
});
