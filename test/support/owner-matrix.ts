/**
 * Two keys and everything that a cloud account keeps: each object, asked for by its owner and by another key, in path, body and list.
 * In the same process, after a restart, and in another replica.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { CARRIED } from '../../src/http/routes/carried.ts';
import { startAccountCloud, type AccountCloud } from './account-cloud.ts';
import { BODIES, PATHS } from './named-objects.ts';
import { startTestGateway, type Setup, type WholeGateway } from './gateway-fixture.ts';

export const OWNER_KEYS = {
  A: 'key-of-a-0123456789',
  B: 'key-of-b-0123456789',
  C: 'key-of-c-0123456789',
  O: 'the-operators-01234',
};
const OWNER_CONFIG = `auth:
  mode: keys
  keys:
    - { name: a, key: '\${A}' }
    - { name: b, key: '\${B}', team: shop, share: team }
    - { name: c, key: '\${C}', team: shop, share: team }
    - { name: operator, key: '\${O}', account: true }
carried: [{ method: POST, path: /agents, makes: true }, { method: GET, path: '/agents/{agent}' }, { method: POST, path: /tasks, ids: [agent] }]`;

export type Key = keyof typeof OWNER_KEYS;

interface Asked {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface OwnerWorld {
  readonly cloud: AccountCloud;
  /** The one that is asked: replaced by a restart. */
  whole: WholeGateway;
  ask(key: Key, method: string, path: string, body?: object): Promise<Asked>;
  /** What each key made, by the name that paths have for it. */
  readonly made: Readonly<Record<'A' | 'B', Readonly<Record<string, string>>>>;
  /** A gateway before the same account. */
  start(more: Setup): Promise<WholeGateway>;
}

/** Both keys have made one of everything. */
export async function ownerWorld(first: Setup): Promise<OwnerWorld> {
  const cloud = await startAccountCloud();
  const start: OwnerWorld['start'] = ({ config = '', env = {}, ...more }) =>
    startTestGateway({
      config: `${OWNER_CONFIG}\n${config}`,
      env: { ...OWNER_KEYS, ...env },
      cloudUrl: cloud.url,
      ...more,
    });
  const made: Record<'A' | 'B', Record<string, string>> = { A: {}, B: {} };
  const world: OwnerWorld = {
    cloud,
    whole: await start(first),
    made,
    start,
    ask: async (key, method, path, body) => {
      const headers = {
        authorization: `Bearer ${OWNER_KEYS[key]}`,
        'content-type': 'application/json',
      };
      const answer = await fetch(`${world.whole.gateway.url}/v1${path}`, {
        method,
        headers,
        ...(method === 'POST' ? { body: JSON.stringify(body ?? { note: 1 }) } : {}),
      });
      const text = await answer.text();
      return { status: answer.status, text, headers: answer.headers };
    },
  };
  for (const key of ['A', 'B'] as const) await makeAll(world, key, made[key]);
  return world;
}

const idIn = (text: string): string => /"id":"([^"]+)"/.exec(text)?.[1] ?? '';

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

async function makeAll(
  { ask }: OwnerWorld,
  key: 'A' | 'B',
  all: Record<string, string>,
): Promise<void> {
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

const withId = (value: unknown, id: string): object =>
  JSON.parse(JSON.stringify(value).replaceAll('"ID"', JSON.stringify(id))) as object;

/** A refusal with the id that was asked for left out: another's and an unknown one must read the same. */
const without = (text: string, id: string): string => text.replaceAll(id, 'ID');

/** @param worldOf - known when the tests run */
export function ownerMatrix(
  when: string,
  worldOf: () => OwnerWorld,
  prepare: () => Promise<void> = async () => {},
): void {
  const ask: OwnerWorld['ask'] = (...given) => worldOf().ask(...given);
  describe(when, () => {
    beforeAll(prepare);

    test.each(PATHS)('%s %s is for its owner alone', async (method, path) => {
      const kind = /\{(\w+)\}/.exec(path)?.[1] ?? '';
      const at = (id: string): string =>
        path
          .replace(/\{\w+\}/, id)
          .replace(/\{file\}/, worldOf().made.A['file'] ?? '')
          .replaceAll('{}', 'x_1');
      const own = at(worldOf().made.A[kind] ?? '');
      expect((await ask('A', method, own)).status, own).toBe(200);
      worldOf().cloud.clear();
      const others = await ask('B', method, own);
      const unknown = await ask('B', method, at('never_1'));
      expect([others.status, unknown.status]).toEqual([404, 404]);
      expect(without(others.text, worldOf().made.A[kind] ?? '')).toBe(
        without(unknown.text, 'never_1'),
      );
      expect(worldOf().cloud.asked).toEqual([]);
      expect((await ask('O', method, own)).status).toBe(200);
    });

    test.each(BODIES)(
      '%s in the body of %s %j is taken from its owner alone',
      async (kind, path, body) => {
        const id = worldOf().made.A[kind] ?? '';
        const [own, others, unknown] = [withId(body, id), id, 'never_1'].map((each) =>
          typeof each === 'string' ? withId(body, each) : each,
        );
        expect((await ask('A', 'POST', path, own)).status).toBe(200);
        worldOf().cloud.clear();
        const [refused, never] = [
          await ask('B', 'POST', path, others),
          await ask('B', 'POST', path, unknown),
        ];
        expect(refused.status).toBe(JSON.stringify(body).includes('previous_') ? 400 : 404);
        expect([refused.status, without(refused.text, id)]).toEqual([
          never.status,
          without(never.text, 'never_1'),
        ]);
        expect(worldOf().cloud.asked).toEqual([]);
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
      expect((await ask('C', 'GET', `/files/${worldOf().made.B['file']}`)).status).toBe(200);
      const body = {
        model: 'cloud/gpt-4o',
        input: 'and?',
        previous_response_id: worldOf().made.B['response'],
      };
      expect((await ask('C', 'POST', '/responses', body)).status).toBe(200);
      expect((await ask('C', 'GET', `/files/${worldOf().made.A['file']}`)).status).toBe(404);
    });
  });
}
