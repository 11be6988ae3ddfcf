import { expect, test } from 'vitest';
import type { Policy } from '../../core/policy.ts';
import { anAttempt, aRecord } from '../../../test/support/record.ts';
import type { Verdict } from '../../core/verify.ts';
import { verdictTally } from './verdicts.ts';

const verify = {
  checks: ['refusal', 'confidence'],
  wrongAbove: 0.5,
  onFail: 'escalate',
  onUndecided: 'release',
} as unknown as NonNullable<Policy['verify']>;

const replayed = (more: Partial<typeof verify>, verdicts: readonly Verdict[]) => {
  const tally = verdictTally({ verify: { ...verify, ...more } } as Policy);
  for (const verdict of verdicts)
    tally.add(aRecord({ attempts: [anAttempt({ tier: 'small', verdict })] }));
  return tally.result().verify?.after;
};

const RECORDED: readonly Verdict[] = [
  { kind: 'pass', wrong: 0.2 },
  { kind: 'pass', wrong: 0.4 },
  { kind: 'fail', check: 'confidence', reason: 'unsure', wrong: 0.6 },
  { kind: 'fail', check: 'refusal', reason: 'it will not' },
  { kind: 'pass', abstained: 'no-card' },
];

test('another threshold is replayed out of what was recorded', () => {
  expect(replayed({}, RECORDED)).toBe(2);
  expect(replayed({ wrongAbove: 0.3 }, RECORDED)).toBe(3);
  expect(replayed({ wrongAbove: 0.7 }, RECORDED)).toBe(1);
  expect(replayed({ checks: ['confidence'] }, RECORDED)).toBe(1);
  expect(replayed({ onUndecided: 'escalate' }, RECORDED)).toBe(3);
  expect(replayed({ onFail: 'record' }, RECORDED)).toBe(0);
  expect(replayed({}, [])).toBeUndefined();
});
