import { describe, expect, test } from 'vitest';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import type { UsageRecord } from '../core/record.ts';
import type { PolicySource } from '../policy/shipped.ts';
import { sqlitePolicies } from '../stores/tables/policies.ts';
import { openRollout } from './rollout.ts';
import type { PolicyEvent } from './state.ts';
import { activePolicies } from './active-policy.ts';

const upstreams = new Map([
  ['local', fakeUpstream('local')],
  ['cloud', fakeUpstream('cloud')],
]);

const policyText = (name: string, more = ''): string =>
  `name: ${name}\nobjective: { complexityBelow: 0.5 }\n${more}`;

interface Given {
  readonly text?: string;
  readonly store?: ReturnType<typeof sqlitePolicies>;
}

/** A rollout without a gateway: the file is a string, the clock a number. */
async function start({
  text = policyText('first'),
  store = sqlitePolicies(':memory:'),
}: Given = {}) {
  const disk = { text, reads: 0 };
  const clock = { nowMs: 0 };
  const events: PolicyEvent[] = [];
  const read = (): PolicySource => {
    disk.reads += 1;
    return { text: disk.text, file: 'p.yaml' };
  };
  const policies = activePolicies(read(), upstreams, {
    thresholdFor: () => ({ value: 0.4, from: 'test' }),
  });
  const rollout = await openRollout({
    store,
    policies: policies,
    read,
    user: 'ana',
    epochMs: () => clock.nowMs,
    onEvent: (each) => events.push(each),
  });
  const edit = async (next: string): Promise<void> => {
    disk.text = next;
    await rollout.reload();
  };
  /** A record that the active policy decided. */
  const record = (over: Partial<UsageRecord> = {}): void => {
    const { policy } = policies.current();
    const { decision } = aRecord();
    if (decision === undefined) throw new Error('undecided');
    const { name, version } = policy;
    const of = { ...decision, policy: { name, version, mode: 'on' } };
    rollout.observe(aRecord({ decision: of, ...over }));
  };
  return { rollout, policies, store, events, clock, disk, edit, record };
}

const failed: Partial<UsageRecord> = {
  outcome: 'failed',
  errorCode: 'upstream_unreachable',
  attempts: [anAttempt({ outcome: 'failed', cause: 'unreachable' })],
};

describe('the file', () => {
  test('is active from the start, and in the audit log', async () => {
    const { rollout, store } = await start();
    expect(rollout.status()).toMatchObject({ name: 'first', mode: 'on', problem: null });
    expect(await store.audit()).toMatchObject([{ event: 'policy_activated', who: 'ana' }]);
  });

  test('is active at once when it changes; a reader keeps the old policy', async () => {
    const { policies, rollout, edit, events } = await start();
    const held = policies.current();
    await edit(policyText('second', 'mode: observe'));
    expect(rollout.status()).toMatchObject({ name: 'second', mode: 'observe' });
    expect(policies.current().signals).toBe(held.signals);
    const domains = 'domains: [{ name: greeting, examples: [hello, hi there], use: small }]';
    await edit(policyText('second', domains));
    expect(policies.current().signals).not.toBe(held.signals);
    expect(held.policy.name).toBe('first');
    expect(events).toMatchObject([{ event: 'policy_activated' }, { event: 'policy_activated' }]);
  });

  test('is read at most twice where it is asked for a hundred times at once', async () => {
    const { rollout, disk } = await start();
    const before = disk.reads;
    const asked = Array.from({ length: 100 }, async () => await rollout.reload());
    disk.text = policyText('last');
    await Promise.all(asked);
    expect(disk.reads - before).toBeLessThanOrEqual(2);
    expect(rollout.status().name).toBe('last');
  });

  test('with mistakes changes nothing; they are reported once, until it is corrected', async () => {
    const { rollout, store, edit, events } = await start();
    await edit(policyText('second', 'mode: of\n'));
    await edit(policyText('second', 'mode: of\n'));
    expect(rollout.status()).toMatchObject({
      name: 'first',
      problem: { problems: [{ file: 'p.yaml', line: 3, column: 7 }] },
    });
    expect(events).toMatchObject([
      {
        event: 'policy_reload_refused',
        message: expect.stringMatching(/^p\.yaml:3:7 .*\n.*first@\w{12} stays in force/s),
      },
    ]);
    expect((await store.audit()).map(({ event }) => event)).toEqual([
      'policy_activated',
      'policy_reload_refused',
    ]);
    await edit(policyText('second'));
    expect(rollout.status()).toMatchObject({ name: 'second', problem: null });
  });

  test('saved with the same text is no new version', async () => {
    const { edit, events, store } = await start();
    await edit(`${policyText('first')}  \r\n`);
    expect(events).toEqual([]);
    expect(await store.list()).toHaveLength(1);
  });
});

describe('the store', () => {
  test('decides until the file changes, also after a restart', async () => {
    const store = sqlitePolicies(':memory:');
    const { rollout, edit } = await start({ store });
    await edit(policyText('second'));
    const [, first] = await rollout.list();
    await rollout.activate(first?.version ?? '', { who: 'bo', note: 'the old one' });
    const restarted = await start({ store, text: policyText('second') });
    expect(restarted.rollout.status().name).toBe('first');
    const changed = await start({ store, text: policyText('third') });
    expect(changed.rollout.status().name).toBe('third');
  });

  test('with an active version before the first start takes precedence over the file', async () => {
    const store = sqlitePolicies(':memory:');
    const other = { name: 'other', file: 'o.yaml', author: 'bo', atMs: 1, note: '' };
    await store.save({ ...other, version: 'abc', text: policyText('other') });
    await store.activate('abc', { who: 'bo', note: '', atMs: 1 });
    const { rollout, edit } = await start({ store });
    expect(rollout.status().name).toBe('other');
    await edit(policyText('edited'));
    expect(rollout.status().name).toBe('edited');
  });

  test('is polled: an activation by another process is applied within a tick', async () => {
    const { rollout, store, edit } = await start();
    await edit(policyText('second'));
    const [, first] = await store.list();
    await store.activate(first?.version ?? '', { who: 'bo', note: '', atMs: 1 });
    expect(rollout.status().name).toBe('second');
    await rollout.tick();
    expect(rollout.status().name).toBe('first');
    expect(await rollout.list()).toMatchObject([{ isActive: false }, { isActive: true }]);
  });

  test('with a version that is invalid for this configuration: the active one stays', async () => {
    const { rollout, store, events } = await start();
    const text = policyText('other', 'targets: { small: { upstream: gone } }');
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
    expect(events).toHaveLength(1);
  });

  test('that fails is reported once, and the policy stays', async () => {
    const { rollout, store, events } = await start();
    await store.close();
    await rollout.tick();
    await rollout.tick();
    expect(events).toMatchObject([{ event: 'policy_store_failed' }]);
    expect(rollout.status().name).toBe('first');
  });
});

describe('a broken guard', () => {
  const GUARDED = 'guards: { errorRate: 0.1, windowMinutes: 5, minRequests: 10 }';

  test('steps back to the previous version, says why, and is not reactivated by the same file', async () => {
    const { rollout, edit, record, events, store } = await start();
    await edit(policyText('second', GUARDED));
    for (let each = 0; each < 9; each++) record();
    await rollout.tick();
    expect(rollout.status().name).toBe('second');
    record(failed);
    record(failed);
    await rollout.tick();
    expect(rollout.status().name).toBe('first');
    expect(events.at(-1)).toMatchObject({
      event: 'policy_stepped_back',
      message: expect.stringMatching(
        /^Guard errorRate of second@\w+: 18\.2 % of 11 requests failed in 5 minutes\. Rolled back\. Policy first@\w+ is in force\.$/,
      ),
    });
    expect((await store.audit()).at(-1)).toMatchObject({
      event: 'policy_stepped_back',
      who: 'gateway',
      detail: expect.stringContaining('"guard":"errorRate"'),
    });
    await edit(policyText('second', GUARDED));
    await rollout.tick();
    expect(rollout.status().name).toBe('first');
  });

  test('counts only requests that the version decided, within its window', async () => {
    const { rollout, edit, record, clock } = await start();
    for (let each = 0; each < 20; each++) record(failed);
    await edit(policyText('second', GUARDED));
    await rollout.tick();
    expect(rollout.status().name).toBe('second');
    for (let each = 0; each < 20; each++) record(failed);
    clock.nowMs += 5 * 60_000;
    await rollout.tick();
    expect(rollout.status().name).toBe('second');
  });

  test('without a previous version is reported once, and the policy stays', async () => {
    const { rollout, record, events, store } = await start({ text: policyText('only', GUARDED) });
    for (let each = 0; each < 20; each++) record(failed);
    await rollout.tick();
    await rollout.tick();
    expect(rollout.status().name).toBe('only');
    expect(events).toMatchObject([{ event: 'policy_guard_broken' }]);
    expect((await store.audit()).map(({ event }) => event)).toContain('policy_guard_broken');
  });
});

test('a new digest of a model is reported once, the first one never', async () => {
  const { rollout, record, events, store } = await start();
  for (const modelDigest of ['sha256:a', 'sha256:a', 'sha256:b', 'sha256:a', 'sha256:b']) {
    record({ attempts: [anAttempt({ modelDigest })] });
  }
  record();
  await rollout.close();
  expect(events).toMatchObject([{ event: 'model_digest_changed' }]);
  expect((await store.audit()).at(-1)).toMatchObject({
    detail: '{"upstream":"local","model":"qwen3:4b","digest":"sha256:b"}',
  });
});
