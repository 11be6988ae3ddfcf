/** What every kind of store must do beside its ledger: policies, keys, budgets, owners, claims, sessions and the book of attempts. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AttemptIntent } from '../../src/core/attempt-log.ts';
import type { BudgetSettings } from '../../src/core/budget-settings.ts';
import type { Act } from '../../src/core/policy-store.ts';
import type { Stores } from '../../src/stores/open.ts';

const at = (atMs: number): Act => ({ who: 'ana', note: '', atMs });

const version = (name: string) => ({
  version: name,
  name: 'p',
  text: `name: ${name}`,
  file: 'p.yaml',
  author: 'ana',
  atMs: 1,
  note: '',
});

const settings = { role: 'data', labels: { a: 'b' }, mayOverride: true, account: false } as const;
const key = (name: string) => ({
  name,
  digest: `digest of ${name}`,
  ...settings,
  createdMs: 1,
  createdBy: 'ana',
});

const budget = (name: string, usd: number): BudgetSettings => ({
  name,
  scope: 'gateway',
  usd,
  per: 'day',
  zone: 'UTC',
  unpriced: 'refuse',
  warnAt: [],
  pace: false,
});

const LIMIT = {
  key: '["gateway","","all","",0]',
  scope: { kind: 'gateway' },
  startMs: 0,
  endMs: Infinity,
  limitNanoUsd: 100,
  budget: 'b',
} as const;

const intent = (id: string, nano: number, over: Partial<AttemptIntent> = {}): AttemptIntent => ({
  id,
  requestId: `req_${id}`,
  atMs: 1_000,
  caller: 'bot',
  team: 'shop',
  upstream: 'cloud',
  model: 'm',
  prices: 'list',
  reservedNanoUsd: nano,
  limits: [LIMIT],
  ...over,
});

/** @param open new, empty ones. @param sharesLimits whether the book itself holds limits, or only whoever writes in it */
export function storesContract(open: () => Promise<Stores>, sharesLimits: boolean): void {
  let stores: Stores;
  beforeEach(async () => {
    stores = await open();
  });
  afterEach(async () => await stores.close());

  test('activates versions that were saved, and goes back through them as a stack', async () => {
    const { policies } = stores;
    await expect(policies.activate('a', at(1))).rejects.toThrow("No policy version 'a' is stored");
    for (const name of ['a', 'b']) await policies.save(version(name));
    await policies.save({ ...version('a'), note: 'again' });
    expect(await policies.get('a')).toEqual(version('a'));
    expect((await policies.list()).map((one) => one.version)).toEqual(['b', 'a']);
    expect(await policies.active()).toBeUndefined();
    for (const name of ['a', 'b']) await policies.activate(name, at(2));
    expect((await policies.activate('b', at(3))).seq).toBe(2);
    expect(await policies.back('rolled_back', at(4), { from: 'a' })).toBeUndefined();
    expect(await policies.back('rolled_back', at(4))).toMatchObject({ version: 'a' });
    expect(await policies.active()).toMatchObject({ version: 'a', kind: 'rolled_back' });
    expect(await policies.back('rolled_back', at(5))).toBeUndefined();
    await policies.seeInFile('a');
    await policies.seeInFile('b');
    expect(await policies.seenInFile()).toBe('b');
    const digests = ['1', '1', '2', '1'];
    const isNews: boolean[] = [];
    for (const digest of digests) isNews.push(await policies.noteDigest('local', 'm', digest));
    expect(isNews).toEqual([false, false, true, false]);
  });

  test('writes every change into one audit log, whose chain is whole', async () => {
    const { policies, keys, budgets, owners } = stores;
    await policies.record('policy_reload_refused', { ...at(1), note: 'because' }, { line: 3 });
    await keys.create(key('bot'), at(2));
    await budgets.set(budget('b', 5), at(3));
    await owners.adopt({ id: 'file-1', owner: 'key:bot', upstream: '' }, at(4));
    const events = await policies.audit();
    expect(events.map(({ seq, event, who }) => [seq, event, who])).toEqual([
      [1, 'policy_reload_refused', 'ana'],
      [2, 'key_created', 'ana'],
      [3, 'budget_set', 'ana'],
      [4, 'owner_adopted', 'ana'],
    ]);
    expect(JSON.parse(events[0]!.detail)).toEqual({ line: 3, note: 'because' });
    expect(await policies.verify()).toMatchObject({ ok: true, events: 4, head: events[3]!.hash });
  });

  test('keeps keys by digest, and never a name twice', async () => {
    const { keys } = stores;
    expect([await keys.version(), await keys.list()]).toEqual([0, []]);
    await keys.create({ ...key('bot'), team: 'shop', expiresMs: 90 }, at(1));
    expect(await keys.list()).toEqual([{ ...key('bot'), team: 'shop', expiresMs: 90 }]);
    const other = { ...key('bot'), digest: 'other' };
    await expect(keys.create(other, at(2))).rejects.toThrow("There is a key 'bot' already");
    await keys.rotate('bot', { digest: 'new', graceUntilMs: 50 }, at(2));
    const previous = { digest: 'digest of bot', untilMs: 50 };
    expect(await keys.list()).toMatchObject([{ digest: 'new', previous }]);
    await expect(keys.rotate('bot', { digest: 'x', graceUntilMs: 9 }, at(95))).rejects.toThrow(
      'has expired',
    );
    expect((await keys.revoke('bot', at(3))).revokedMs).toBe(3);
    expect((await keys.revoke('bot', at(4))).revokedMs).toBe(3);
    await expect(keys.revoke('none', at(4))).rejects.toThrow("No key 'none'");
    expect(await keys.version()).toBe(3);
  });

  test('keeps budgets, and lets each share be said once', async () => {
    const { budgets } = stores;
    await budgets.set(budget('b', 5), at(1));
    await budgets.set(budget('b', 6), { ...at(2), who: 'bo' });
    await budgets.set(budget('a', 1), at(3));
    expect(
      (await budgets.list()).map(({ settings: { name, usd }, setBy }) => [name, usd, setBy]),
    ).toEqual([
      ['a', 1, 'ana'],
      ['b', 6, 'bo'],
    ]);
    await budgets.remove('a', at(4));
    await expect(budgets.remove('a', at(5))).rejects.toThrow("No budget 'a' is in the store");
    expect(await budgets.version()).toBe(4);
    const said = [
      await budgets.mayWarn('k', 0.5, 1),
      await budgets.mayWarn('k', 0.5, 2),
      await budgets.mayWarn('k', 0.8, 3),
    ];
    expect(said).toEqual([true, false, true]);
  });

  test('lets an object hold more, and nothing where that was read in another way', async () => {
    const { owners } = stores;
    const contents = { bits: 1, reading: 'today' };
    const owned = { id: 'file-1', owner: 'key:bot', upstream: 'cloud', contents } as const;
    owners.own(owned);
    owners.own({ ...owned, contents: { bits: 64, reading: 'today' } });
    expect(await owners.of('file-1')).toEqual(owned);
    await Promise.all([4, 8].map((bits) => owners.widen(owned, { bits, reading: 'today' })));
    const all = { bits: 13, reading: 'today' };
    expect(await owners.of('file-1')).toEqual({ ...owned, contents: all });
    await owners.adopt({ id: 'file-1', owner: 'key:ana', upstream: '' }, at(1));
    expect(await owners.of('file-1')).toEqual({ ...owned, owner: 'key:ana', contents: all });
    await owners.widen(owned, { bits: 1, reading: 'tomorrow' });
    expect((await owners.of('file-1'))?.contents).toBeUndefined();
    owners.own({ ...owned, id: 'file-2' });
    await owners.widen({ ...owned, id: 'file-2' }, undefined);
    expect((await owners.of('file-2'))?.contents).toBeUndefined();
  });

  test('knows owners at once, and keeps the first unless one is adopted', async () => {
    const { owners } = stores;
    expect(await owners.of('file-1')).toBeUndefined();
    owners.own({ id: 'file-1', owner: 'key:bot', upstream: 'cloud' });
    owners.own({ id: 'file-1', owner: 'key:ana', upstream: 'cloud' });
    expect(await owners.of('file-1')).toMatchObject({ owner: 'key:bot', upstream: 'cloud' });
    await owners.adopt({ id: 'file-1', owner: 'team:shop', upstream: '' }, at(1));
    expect(await owners.of('file-1')).toMatchObject({ owner: 'team:shop', upstream: 'cloud' });
  });

  test('gives the claim of a request to the first, until it is released or old', async () => {
    const { claims } = stores;
    const claim = { id: 'c', body: 'one', requestId: 'req_1', atMs: 10 };
    const next = { ...claim, body: 'two', requestId: 'req_2', atMs: 20 };
    expect(await claims.claim(claim, 0)).toBeUndefined();
    expect(await claims.claim(next, 0)).toEqual({ body: 'one', requestId: 'req_1' });
    expect(await claims.claim({ ...next, id: 'other' }, 0)).toBeUndefined();
    expect(await claims.claim(next, 11)).toBeUndefined();
    claims.release('c');
    await expect.poll(() => claims.claim({ ...next, body: 'three' }, 0)).toBeUndefined();
    const many = await Promise.all(
      Array.from(
        { length: 50 },
        async (_, each) =>
          (await claims.claim({ ...next, id: 'many', requestId: `req_${each}` }, 0)) === undefined,
      ),
    );
    expect(many.filter(Boolean)).toHaveLength(1);
  });

  test('keeps sessions until they have expired', async () => {
    const { sessions } = stores;
    const session = (digest: string, createdMs: number) => ({
      digest,
      keyDigest: 'k',
      createdMs,
      seenMs: createdMs,
      expiresMs: createdMs + 10,
      agent: 'browser',
    });
    await sessions.add(session('a', 1));
    await sessions.add(session('b', 5));
    await sessions.seen('b', 7);
    expect(await sessions.get('b')).toEqual({ ...session('b', 5), seenMs: 7 });
    expect((await sessions.list()).map(({ digest }) => digest)).toEqual(['b', 'a']);
    await sessions.add(session('c', 12));
    expect(await sessions.get('a')).toBeUndefined();
    await sessions.remove('b');
    expect((await sessions.list()).map(({ digest }) => digest)).toEqual(['c']);
  });

  test.skipIf(!sharesLimits)('fifty times five on a hundred are exactly twenty', async () => {
    const { attempts } = stores;
    const receipts = await Promise.all(
      Array.from({ length: 50 }, (_, each) => attempts.open(intent(`i${each}`, 5))),
    );
    const refused = receipts.flatMap(({ refusedBy }) => refusedBy ?? []);
    expect([50 - refused.length, new Set(refused)]).toEqual([20, new Set(['b'])]);
    attempts.end({ id: 'none', atMs: 2, state: 'settled', usedNanoUsd: 7 });
    expect(attempts.stats()).toMatchObject({ open: 20 });
    // Nothing is left but what an end frees: all or none, in the tightest of several.
    const [first] = receipts.flatMap(({ refusedBy }, each) =>
      refusedBy === undefined ? [each] : [],
    );
    attempts.end({ id: `i${first}`, atMs: 2, state: 'settled', usedNanoUsd: 1 });
    const key2 = '["key","bot","all","",0]';
    const tight = {
      ...LIMIT,
      key: key2,
      scope: { kind: 'key', name: 'bot' },
      limitNanoUsd: 3,
    } as const;
    const both = { limits: [LIMIT, { ...tight, budget: 'tight' }] };
    expect(await attempts.open(intent('both', 4, both))).toMatchObject({ refusedBy: 'tight' });
    await expect
      .poll(async () => (await attempts.open(intent(`more${Math.random()}`, 4))).refusedBy)
      .toBeUndefined();
  });

  test.skipIf(!sharesLimits)(
    'an attempt is settled once, and an unknown one counts as it was reserved',
    async () => {
      const { attempts } = stores;
      await attempts.open(intent('a', 60));
      for (const used of [10, 50])
        attempts.end({ id: 'a', atMs: 2, state: 'settled', usedNanoUsd: used });
      await attempts.open(intent('b', 90));
      attempts.end({ id: 'b', atMs: 2, state: 'unknown', usedNanoUsd: 90 });
      expect(await attempts.open(intent('c', 1))).toMatchObject({ refusedBy: 'b' });
      expect(attempts.stats()).toMatchObject({ open: 0 });
    },
  );
}
