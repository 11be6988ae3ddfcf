import { expect, test } from 'vitest';
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
