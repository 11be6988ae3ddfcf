import { expect, test } from 'vitest';
import { policy, situation } from '../../test/support/policy.ts';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import type { Decision } from '../core/decision.ts';
import type { Attempt } from '../core/record.ts';
import type { Policy } from '../core/policy.ts';
import { decide } from './decide.ts';
import { toRecord } from './record-situation.ts';
import { formatRecordExplanation, explainRecord, type Decided } from './explain-record.ts';

const inForce = policy();

function recorded(complexity: number, by: Policy = inForce): Decided {
  const given = situation(complexity);
  const { facts, readings, snapshot } = given;
  const decision = decide({ kind: 'routed' }, given, by);
  const record = aRecord({
    facts,
    readings,
    atMs: snapshot.nowMs,
    caller: snapshot.key.name,
    situation: toRecord({ kind: 'routed' }, snapshot, facts.needs),
  });
  return { ...record, decision };
}

test('a reproducible decision lists what would have changed it', () => {
  const told = explainRecord(recorded(0.3), inForce);
  expect(told.unrepeatable).toBeNull();
  expect(told.otherwise[0]).toEqual({
    change: 'with complexity at or above 0.50 (it was 0.30)',
    to: 'cloud/big',
  });
});

test('the threshold is the recorded one, whatever the present calibration', () => {
  const then = { ...inForce, threshold: { value: 0.2, from: 'the calibration of that time' } };
  const told = explainRecord(recorded(0.3, then), inForce);
  expect(told).toMatchObject({ tier: 'large', threshold: { value: 0.2 }, unrepeatable: null });
  expect(told.otherwise[0]?.change).toContain('below 0.20');
});

test.each([
  ['under another policy', recorded(0.3, policy({ version: 'ffffffffffff' })), 'be read any more'],
  ['by an older version', { ...recorded(0.3), situation: undefined }, 'did not keep'],
  [
    'otherwise than today’s code would',
    { ...recorded(0.3), readings: situation(0.9).readings },
    'decides it otherwise',
  ],
])('decided %s it is told as it was recorded, and why not more', (_, record, because) => {
  const told = explainRecord(record as Decided, inForce);
  expect(told).toMatchObject({ tier: 'small', rule: 'objective', otherwise: [] });
  expect(told.unrepeatable).toContain(because);
});

test('the text lists which upstreams were asked', () => {
  const words = formatRecordExplanation(explainRecord(recorded(0.3), inForce));
  expect(words).toContain('asked       local/qwen3:4b: ok');
  expect(words).toContain('otherwise   with complexity at or above 0.50');
});

test('the text says how the answers were checked, and why one was not', () => {
  const record = recorded(0.3);
  const attempts: Attempt[] = [
    anAttempt({ kind: 'draft', verdict: { kind: 'fail', check: 'cut', reason: 'it stopped' } }),
    anAttempt({ kind: 'repair', verdict: { kind: 'undecided', abstained: 'few-items' } }),
    anAttempt({ verdict: { kind: 'pass', wrong: 0.254 } }),
    anAttempt({ upstream: 'cloud', model: 'big', outcome: 'failed', cause: 'timeout' }),
  ];
  const words = formatRecordExplanation(explainRecord({ ...record, attempts }, inForce));
  expect(words.split('\n').filter((line) => line.startsWith('  asked'))).toEqual([
    '  asked       local/qwen3:4b (draft): ok, failed cut: it stopped',
    '  asked       local/qwen3:4b (repair): ok, check undecided, confidence abstained: few-items',
    '  asked       local/qwen3:4b: ok, check pass, P(wrong) 0.25',
    '  asked       cloud/big: timeout',
  ]);
});

test('the text of what cannot be repeated says why', () => {
  const words = formatRecordExplanation(explainRecord(recorded(0.3), undefined));
  expect(words).toContain('  otherwise   not known: policy test@000000000000');
});

test('the text of a refusal names its code', () => {
  const refused = recorded(0.3);
  const decision = {
    ...refused.decision,
    kind: 'refuse',
    code: 'policy_no_target',
    message: 'No target is left.',
  } as Decision;
  const told = explainRecord({ ...refused, decision, attempts: [] }, inForce);
  expect(told).toMatchObject({ tier: 'none', upstream: null, model: null });
  expect(formatRecordExplanation(told)).toContain('policy_no_target: No target is left.');
});
