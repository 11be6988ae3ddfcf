import { describe, expect, test } from 'vitest';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import type { UsageRecord } from '../core/record.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { sqlitePolicies } from '../stores/policies.ts';
import { openRollout, type PolicyEvent } from './rollout.ts';
import { activePolicies } from './active-policy.ts';

const upstreams = new Map([
  ['local', fakeUpstream('local')],
  ['cloud', fakeUpstream('cloud')],
]);

const written = (name: string, more = ''): string =>
  `name: ${name}\nobjective: { complexityBelow: 0.5 }\n${more}`;

interface Given {
  readonly text?: string;
  readonly store?: ReturnType<typeof sqlitePolicies>;
}

/** A gateway's policy without a gateway: the file is a text here, the clock a number. */
async function start({ text = written('first'), store = sqlitePolicies(':memory:') }: Given = {}) {
  const disk = { text };
  const clock = { nowMs: 0 };
  const news: PolicyEvent[] = [];
  const read = (): PolicySource => ({ text: disk.text, file: 'p.yaml' });
  const policies = activePolicies(read(), upstreams);
  const rollout = await openRollout({
    store,
    policies: policies,
    read,
    user: 'ana',
    epochMs: () => clock.nowMs,
    onEvent: (each) => news.push(each),
  });
  const edit = async (next: string): Promise<void> => {
    disk.text = next;
    await rollout.reload();
  };
  /** What the policy in force decided, and how it ended. */
  const record = (over: Partial<UsageRecord> = {}): void => {
    const { policy } = policies.current();
    const { decision } = aRecord();
    if (decision === undefined) throw new Error('undecided');
    const { name, version } = policy;
    const of = { ...decision, policy: { name, version, mode: 'on' } };
    rollout.observe(aRecord({ decision: of, ...over }));
  };
  return { rollout, policies, store, news, clock, edit, record };
}

const failed: Partial<UsageRecord> = {
  outcome: 'failed',
  errorCode: 'upstream_unreachable',
  attempts: [anAttempt({ outcome: 'failed', cause: 'unreachable' })],
};

describe('the file', () => {
  test('is in force from the start, and on the audit log', async () => {
    const { rollout, store } = await start();
    expect(rollout.status()).toMatchObject({ name: 'first', mode: 'on', problem: null });
    expect(await store.audit()).toMatchObject([{ event: 'policy_activated', who: 'ana' }]);
  });

  test('changed is in force at once, whole; who holds the old one keeps it', async () => {
    const { policies, rollout, edit, news } = await start();
    const held = policies.current();
    await edit(written('second', 'mode: observe'));
    expect(rollout.status()).toMatchObject({ name: 'second', mode: 'observe' });
    expect(policies.current().signals).toBe(held.signals);
    const domains = 'domains: [{ name: greeting, examples: [hello, hi there], use: small }]';
    await edit(written('second', domains));
    expect(policies.current().signals).not.toBe(held.signals);
    expect(held.policy.name).toBe('first');
    expect(news).toMatchObject([{ event: 'policy_activated' }, { event: 'policy_activated' }]);
  });

  test('with mistakes changes nothing, says where they are, once, and is forgiven when it is right', async () => {
    const { rollout, store, edit, news } = await start();
    await edit(written('second', 'mode: of\n'));
    await edit(written('second', 'mode: of\n'));
    expect(rollout.status()).toMatchObject({
      name: 'first',
      problem: { problems: [{ file: 'p.yaml', line: 3, column: 7 }] },
    });
    expect(news).toMatchObject([
      {
        event: 'policy_reload_refused',
        message: expect.stringMatching(/^p\.yaml:3:7 .*\n.*first@\w{12} stays in force/s),
      },
    ]);
    expect((await store.audit()).map(({ event }) => event)).toEqual([
      'policy_activated',
      'policy_reload_refused',
    ]);
    await edit(written('second'));
    expect(rollout.status()).toMatchObject({ name: 'second', problem: null });
  });

  test('saved with the same words is no new version', async () => {
    const { edit, news, store } = await start();
    await edit(`${written('first')}  \r\n`);
    expect(news).toEqual([]);
    expect(await store.list()).toHaveLength(1);
  });
});

describe('the store', () => {
  test('has the last word until the file changes, also after a new start', async () => {
    const store = sqlitePolicies(':memory:');
    const { rollout, edit } = await start({ store });
    await edit(written('second'));
    const [, first] = await rollout.list();
    await rollout.activate(first?.version ?? '', { who: 'bo', note: 'the old one' });
    const again = await start({ store, text: written('second') });
    expect(again.rollout.status().name).toBe('first');
    const changed = await start({ store, text: written('third') });
    expect(changed.rollout.status().name).toBe('third');
  });

  test('that was given a version before the first start has its way', async () => {
    const store = sqlitePolicies(':memory:');
    const other = { name: 'other', file: 'o.yaml', author: 'bo', atMs: 1, note: '' };
    await store.save({ ...other, version: 'abc', text: written('other') });
    await store.activate('abc', { who: 'bo', note: '', atMs: 1 });
    const { rollout, edit } = await start({ store });
    expect(rollout.status().name).toBe('other');
    await edit(written('edited'));
    expect(rollout.status().name).toBe('edited');
  });

  test('is looked into: an activation by another process is followed within a tick', async () => {
    const { rollout, store, edit } = await start();
    await edit(written('second'));
    const [, first] = await store.list();
    await store.activate(first?.version ?? '', { who: 'bo', note: '', atMs: 1 });
    expect(rollout.status().name).toBe('second');
    await rollout.tick();
    expect(rollout.status().name).toBe('first');
    expect(await rollout.list()).toMatchObject([{ isActive: false }, { isActive: true }]);
  });

  test('with a version that this configuration cannot have: what is in force stays', async () => {
    const { rollout, store, news } = await start();
    const text = written('other', 'targets: { small: { upstream: gone } }');
    const stored = { name: 'other', text, file: 'o.yaml', author: 'bo', atMs: 1, note: '' };
    await store.save({ ...stored, version: 'abc' });
    await expect(rollout.activate('abc', { who: 'bo', note: '' })).rejects.toMatchObject({
      code: 'caller_invalid',
      message: expect.stringContaining('o.yaml:3:'),
    });
    await store.activate('abc', { who: 'bo', note: '', atMs: 1 });
    await rollout.tick();
    await rollout.tick();
    expect(rollout.status()).toMatchObject({
      name: 'first',
      problem: { problems: [{ file: 'o.yaml' }] },
    });
    expect(news).toHaveLength(1);
  });

  test('that fails ends nothing but what failed', async () => {
    const { rollout, store, news } = await start();
    await store.close();
    await rollout.tick();
    await rollout.tick();
    expect(news).toMatchObject([{ event: 'policy_store_failed' }]);
    expect(rollout.status().name).toBe('first');
  });
});

describe('a broken guard', () => {
  const GUARDED = 'guards: { errorRate: 0.1, windowMinutes: 5, minRequests: 10 }';

  test('steps back to the version before, says why, and does not come back by itself', async () => {
    const { rollout, edit, record, news, store } = await start();
    await edit(written('second', GUARDED));
    for (let each = 0; each < 9; each++) record();
    await rollout.tick();
    expect(rollout.status().name).toBe('second');
    record(failed);
    record(failed);
    await rollout.tick();
    expect(rollout.status().name).toBe('first');
    expect(news.at(-1)).toMatchObject({
      event: 'policy_stepped_back',
      message: expect.stringMatching(
        /^Guard errorRate of second@\w+: 18\.2 % of 11 requests failed in 5 minutes\. Stepped back\. Policy first@\w+ is in force\.$/,
      ),
    });
    expect((await store.audit()).at(-1)).toMatchObject({
      event: 'policy_stepped_back',
      who: 'gateway',
      detail: expect.stringContaining('"guard":"errorRate"'),
    });
    await edit(written('second', GUARDED));
    await rollout.tick();
    expect(rollout.status().name).toBe('first');
  });

  test('is judged by what the version itself decided, and within its window', async () => {
    const { rollout, edit, record, clock } = await start();
    for (let each = 0; each < 20; each++) record(failed);
    await edit(written('second', GUARDED));
    await rollout.tick();
    expect(rollout.status().name).toBe('second');
    for (let each = 0; each < 20; each++) record(failed);
    clock.nowMs += 5 * 60_000;
    await rollout.tick();
    expect(rollout.status().name).toBe('second');
  });

  test('with nothing to step back to is told once, and the policy stays', async () => {
    const { rollout, record, news, store } = await start({ text: written('only', GUARDED) });
    for (let each = 0; each < 20; each++) record(failed);
    await rollout.tick();
    await rollout.tick();
    expect(rollout.status().name).toBe('only');
    expect(news).toMatchObject([{ event: 'policy_guard_broken' }]);
    expect((await store.audit()).map(({ event }) => event)).toContain('policy_guard_broken');
  });
});

test('another build of a model is told once, the first one never', async () => {
  const { rollout, record, news, store } = await start();
  for (const modelDigest of ['sha256:a', 'sha256:a', 'sha256:b', 'sha256:a', 'sha256:b']) {
    record({ attempts: [anAttempt({ modelDigest })] });
  }
  record();
  await rollout.close();
  expect(news).toMatchObject([{ event: 'model_digest_changed' }]);
  expect((await store.audit()).at(-1)).toMatchObject({
    detail: '{"upstream":"local","model":"qwen3:4b","digest":"sha256:b"}',
  });
});
