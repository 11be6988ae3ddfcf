import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import type { Guards } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';
import { guardWindow } from './guards.ts';

const VERSION = '0123456789ab';
const MINUTE = 60_000;

const watch = (over: Partial<Guards>) =>
  guardWindow({ windowMinutes: 10, minRequests: 10, ...over }, VERSION);

const failed = (over: Partial<UsageRecord> = {}): UsageRecord =>
  aRecord({
    outcome: 'failed',
    status: 502,
    errorCode: 'upstream_unreachable',
    attempts: [anAttempt({ outcome: 'failed', cause: 'unreachable' })],
    ...over,
  });
const decided = (over: object) => {
  const { decision } = aRecord();
  if (decision === undefined) throw new Error('undecided');
  return { ...decision, ...over };
};

function seen(guards: Partial<Guards>, records: readonly UsageRecord[], atMs = 0) {
  const window = watch(guards);
  for (const record of records) window.observe(record, atMs);
  return window.breach(atMs);
}

const times = (count: number, record: UsageRecord): readonly UsageRecord[] =>
  Array.from({ length: count }, () => record);

describe('each guard, broken and just met', () => {
  const large = aRecord({ attempts: [anAttempt({ tier: 'large' })] });
  const late = aRecord({ ttftMs: 3001 });
  const costly = aRecord({
    attempts: [anAttempt({ cost: { totalNanoUsd: 100_000_000, kinds: {}, source: 't' } })],
  });
  const fine = aRecord({ attempts: [anAttempt({ cost: null })] });

  test.each<[Partial<Guards>, UsageRecord, number, number]>([
    [{ errorRate: 0.05 }, failed(), 1, 19],
    [{ largeShare: 0.8 }, large, 16, 4],
    [{ ttftMs: 3000 }, late, 5, 95],
    // 0.1 dollars in ten minutes are 0.6 per hour.
    [{ costUsdPerHour: 0.61 }, costly, 1, 20],
  ])('%o', (guards, bad, kept, rest) => {
    expect(seen(guards, [...times(kept, bad), ...times(rest, fine)])).toBeUndefined();
    const broken = seen(guards, [...times(kept + 1, bad), ...times(rest, fine)]);
    const [[guard, bound]] = Object.entries(guards) as [[string, number]];
    expect(broken).toMatchObject({
      guard,
      bound,
      message: expect.stringMatching(/in 10 minutes$/),
    });
  });

  test('has a message with the figures', () => {
    expect(seen({ errorRate: 0.05 }, [...times(3, failed()), ...times(9, fine)])?.message).toBe(
      '25.0 % of 12 requests failed in 10 minutes',
    );
  });
});

describe('no guard is broken by', () => {
  test('fewer requests than the minimum', () => {
    expect(seen({ errorRate: 0.05 }, times(9, failed()))).toBeUndefined();
    expect(seen({ errorRate: 0.05 }, times(10, failed()))).toBeDefined();
  });

  test.each<[string, Partial<UsageRecord>]>([
    [
      'requests that another version decided',
      { decision: decided({ policy: { version: 'other' } }) },
    ],
    ['requests that the policy only observed', { decision: decided({ onlyWatches: true }) }],
    ['targets that the caller chose', { decision: decided({ rule: 'caller' }) }],
    ['a shadow', { shadowOf: 'req_0' }],
    ['requests that the caller aborted', { outcome: 'aborted' }],
    ['a refusal', { outcome: 'refused' }],
  ])('%s', (_, over) => {
    expect(seen({ errorRate: 0 }, times(20, failed(over)))).toBeUndefined();
  });

  test('an invalid request, which counts as a request and not as failed', () => {
    const wrong = failed({ attempts: [anAttempt({ outcome: 'failed', cause: 'rejected' })] });
    const tooLong = failed({ errorCode: 'caller_context_length' });
    expect(seen({ errorRate: 0.5 }, [...times(10, wrong), ...times(10, tooLong)])).toBeUndefined();
  });

  test('a policy without guards', () => {
    expect(seen({}, times(50, failed()))).toBeUndefined();
  });
});

describe('the window', () => {
  test('drops older records', () => {
    const window = watch({ errorRate: 0.05 });
    for (const record of times(20, failed())) window.observe(record, 0);
    expect(window.breach(9 * MINUTE)).toBeDefined();
    expect(window.breach(10 * MINUTE)).toBeUndefined();
  });

  test('depends on the records within it only', () => {
    const steps = fc.array(fc.record({ waitMs: fc.nat(3 * MINUTE), isBad: fc.boolean() }), {
      minLength: 1,
      maxLength: 80,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const window = watch({ errorRate: 0.3, minRequests: 5 });
        let nowMs = 0;
        const all = list.map(({ waitMs, isBad }) => {
          nowMs += waitMs;
          window.observe(isBad ? failed() : aRecord(), nowMs);
          return { atMs: nowMs, isBad };
        });
        const step = (atMs: number) => Math.floor(atMs / (MINUTE / 6));
        const within = all.filter(({ atMs }) => step(atMs) > step(nowMs) - 60);
        const bad = within.filter(({ isBad }) => isBad).length;
        const isBroken = within.length >= 5 && bad / within.length > 0.3;
        expect(window.breach(nowMs) !== undefined).toBe(isBroken);
      }),
    );
  });
});

describe('several processes', () => {
  test('have the evidence of all of them, told once', () => {
    const windows = [1, 2, 3, 4].map(() => watch({ errorRate: 0.05, minRequests: 20 }));
    for (const window of windows) {
      for (const record of [...times(1, failed()), ...times(4, aRecord())])
        window.observe(record, 0);
      expect(window.breach(0)).toBeUndefined();
    }
    const [first, ...others] = windows;
    for (const other of others) first!.heard(other.observed()!, 0);
    expect(first!.breach(0)?.message).toBe('20.0 % of 20 requests failed in 10 minutes');
    expect(others.map((other) => other.observed())).toEqual([undefined, undefined, undefined]);
    expect(first!.observed()?.sums.ended).toBe(5);
  });

  test('do not count what was decided under another version', () => {
    const window = watch({ errorRate: 0, minRequests: 1 });
    window.observe(failed(), 0);
    const evidence = { ...window.observed()!, version: 'other' };
    const other = watch({ errorRate: 0, minRequests: 1 });
    other.heard(evidence, 0);
    expect(other.breach(0)).toBeUndefined();
  });
});
