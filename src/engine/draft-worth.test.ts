import { describe, expect, test } from 'vitest';
import type { Policy } from '../core/policy.ts';
import { score, type Readings } from '../core/signal.ts';
import type { VerifyPolicy } from '../core/verify.ts';
import { policy, snapshot, upstreamState } from '../../test/support/policy.ts';
import type { Attempt, UsageRecord } from '../core/record.ts';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import { draftWorth } from './draft-worth.ts';

const small = (change: Partial<Attempt>): Attempt => anAttempt(change);
const large = (): Attempt => anAttempt({ tier: 'large', upstream: 'cloud', model: 'gpt-4o' });

const PASS = { kind: 'pass' } as const;
const FAIL = { kind: 'fail', check: 'cut', reason: 'it stopped' } as const;

const accepted = (baselineNanoUsd = 1_000_000): UsageRecord =>
  aRecord({ baselineNanoUsd, attempts: [small({ verdict: PASS })] });

const replaced = (latencyMs = 2000): UsageRecord =>
  aRecord({
    baselineNanoUsd: 1_000_000,
    attempts: [small({ verdict: FAIL, kind: 'draft', latencyMs }), large()],
  });

function worth(now = { ms: 0 }) {
  const made = draftWorth(() => now.ms);
  const { model } = accepted().attempts[0]!;
  return {
    loses: () => made.loses('', model),
    saw: (record: UsageRecord, count: number) => {
      for (let at = 0; at < count; at += 1) made.saw(record, 1);
    },
  };
}

test('drafts that are replaced lose once there are enough of them, and not while others make up for it', () => {
  const few = worth();
  few.saw(replaced(), 19);
  expect(few.loses()).toBe(false);
  few.saw(replaced(), 1);
  expect(few.loses()).toBe(true);
  const mixed = worth();
  mixed.saw(replaced(), 20);
  mixed.saw(accepted(), 20);
  expect(mixed.loses()).toBe(false);
});

test('a few that save little do not make up for the time that is lost', () => {
  const poor = worth();
  poor.saw(replaced(60_000), 30);
  poor.saw(accepted(10_000), 10);
  expect(poor.loses()).toBe(true);
});

test('where even one of seven accepted answers would pay for the others, trying goes on', () => {
  const dear = worth();
  dear.saw({ ...replaced(10), baselineNanoUsd: 50_000_000 }, 20);
  expect(dear.loses()).toBe(false);
});

test('after a day a kind is tried again', () => {
  const now = { ms: 0 };
  const made = worth(now);
  made.saw(replaced(), 40);
  expect(made.loses()).toBe(true);
  now.ms = 86_400_000;
  expect(made.loses()).toBe(false);
});

test('shadows, and answers that nobody checked, say nothing', () => {
  const made = worth();
  made.saw({ ...replaced(), shadowOf: 'r' }, 40);
  made.saw({ ...replaced(), attempts: [small({}), large()] }, 40);
  expect(made.loses()).toBe(false);
});

test('what has no price, no baseline or no accepted answer is left out, or costs nothing', () => {
  const made = worth();
  made.saw({ ...replaced(), baselineNanoUsd: null }, 40);
  made.saw({ ...accepted(), attempts: [small({ verdict: FAIL, isKept: true })] }, 40);
  made.saw(
    { ...accepted(), attempts: [small({ verdict: PASS }), anAttempt({ tier: 'pinned' })] },
    40,
  );
  made.saw({ ...accepted(), attempts: [] }, 40);
  expect(made.loses()).toBe(false);
  const free = { verdict: FAIL, kind: 'draft', latencyMs: 2000, cost: null } as const;
  made.saw({ ...replaced(), attempts: [small(free), large()] }, 40);
  expect(made.loses()).toBe(true);
});

describe('in the path of records and snapshots', () => {
  const escalating = policy({
    verify: { onFail: 'escalate', waitUsdPerHour: 1 } as unknown as VerifyPolicy,
    targets: { small: { upstream: 'local', model: 'qwen3:4b' }, large: { upstream: 'cloud' } },
  });
  const code = { domain: score(1, 'code', 'code') };

  function seen(by: Policy, readings: Readings = code) {
    const made = draftWorth(() => 0);
    const published: UsageRecord[] = [];
    const sink = made.watching({
      publish: (record) => void published.push(record),
      policyInForce: () => by,
    });
    for (let at = 0; at < 30; at += 1) sink({ ...replaced(), readings });
    return { made, published };
  }

  test('records are looked into and passed on, where the policy checks answers', () => {
    expect(seen(escalating).published).toHaveLength(30);
    expect(seen(escalating).made.loses('code', 'qwen3:4b')).toBe(true);
    expect(seen(policy()).published).toHaveLength(30);
    expect(seen(policy()).made.loses('code', 'qwen3:4b')).toBe(false);
  });

  test('a snapshot says what is known of its kind of request and model', () => {
    const { made } = seen(escalating);
    const given = snapshot();
    expect(made.known(given, escalating, code)).toEqual({ ...given, draftsLose: true });
    const other = { domain: score(1, 'law', 'law') };
    expect(made.known(given, escalating, other)).toBe(given);
    expect(made.known(given, escalating, {})).toBe(given);
  });

  test('a policy that replaces nothing learns nothing', () => {
    const { made } = seen(escalating);
    const given = snapshot();
    expect(made.known(given, policy(), code)).toBe(given);
    const verify = { onFail: 'record', waitUsdPerHour: 1 } as unknown as VerifyPolicy;
    expect(made.known(given, { ...escalating, verify }, code)).toBe(given);
  });

  test('without a model in the policy it is that of the upstream', () => {
    const { made } = seen(escalating, { domain: score(1, 'it has no value') });
    const targets = { small: { upstream: 'local' }, large: { upstream: 'cloud' } };
    const local = upstreamState('local', { model: 'qwen3:4b' });
    const given = snapshot({ upstreams: { local } });
    expect(made.known(given, { ...escalating, targets }, {}).draftsLose).toBe(true);
    const none = snapshot({ upstreams: {} });
    expect(made.known(none, { ...escalating, targets }, {})).toBe(none);
  });
});

test('a thousand kinds are told apart, and no more', () => {
  const made = draftWorth(() => 0);
  const of = (kind: string): UsageRecord => ({
    ...replaced(),
    readings: { domain: score(1, kind, kind) },
  });
  for (let at = 0; at < 1000; at += 1) made.saw(of(`kind ${at}`), 1);
  for (let at = 0; at < 30; at += 1) for (const kind of ['kind 7', 'new']) made.saw(of(kind), 1);
  expect(made.loses('kind 7', 'qwen3:4b')).toBe(true);
  expect(made.loses('new', 'qwen3:4b')).toBe(false);
});
