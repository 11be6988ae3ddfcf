import { expect, test } from 'vitest';
import { policy, situation } from '../../test/support/policy.ts';
import { aRecord } from '../../test/support/record.ts';
import type { Policy } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';
import { decide } from './decide.ts';
import { recordSituation } from './recorded-situation.ts';
import { whyInWords, whyRecorded } from './why.ts';

const inForce = policy();

function recorded(complexity: number, by: Policy = inForce): UsageRecord {
  const given = situation(complexity);
  const { facts, readings, snapshot } = given;
  return aRecord({
    facts,
    readings,
    atMs: snapshot.nowMs,
    caller: snapshot.key.name,
    decision: decide({ kind: 'routed' }, given, by),
    situation: recordSituation({ kind: 'routed' }, snapshot, facts.needs),
  });
}

const known = (version: string): Policy | undefined =>
  version === inForce.version ? inForce : undefined;

test('a decision that can be made again says what would have changed it', () => {
  const told = whyRecorded(recorded(0.3), known);
  expect(told?.unrepeatable).toBeNull();
  expect(told?.otherwise[0]).toEqual({
    change: 'with complexity at or above 0.50 (it was 0.30)',
    to: 'cloud/big',
  });
});

test('the threshold is the one of that time, whatever the calibration says today', () => {
  const then = { ...inForce, threshold: { value: 0.2, from: 'the calibration of that time' } };
  const told = whyRecorded(recorded(0.3, then), known);
  expect(told).toMatchObject({ tier: 'large', threshold: { value: 0.2 }, unrepeatable: null });
  expect(told?.otherwise[0]?.change).toContain('below 0.20');
});

test.each([
  ['under a policy that is gone', recorded(0.3, policy({ version: 'ffffffffffff' })), 'in force'],
  ['by an older version', { ...recorded(0.3), situation: undefined }, 'did not keep'],
  [
    'otherwise than today’s code would',
    { ...recorded(0.3), readings: situation(0.9).readings },
    'decides it otherwise',
  ],
])('decided %s it is told as it was recorded, and why not more', (_, record, because) => {
  const told = whyRecorded(record as UsageRecord, known);
  expect(told).toMatchObject({ tier: 'small', rule: 'objective', otherwise: [] });
  expect(told?.unrepeatable).toContain(because);
});

test('in words it says who was asked', () => {
  const words = whyInWords(whyRecorded(recorded(0.3), known)!);
  expect(words).toContain('asked       local/qwen3:4b: ok');
  expect(words).toContain('otherwise   with complexity at or above 0.50');
});

test('what failed before it was decided has no reasons', () => {
  const { decision: _, ...undecided } = aRecord();
  expect(whyRecorded(undecided, known)).toBeUndefined();
});
