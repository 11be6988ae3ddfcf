import { expect, test } from 'vitest';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import { labelReader } from './labels.ts';

test('labels come from audits, with what confidence said of the answer', () => {
  const reader = labelReader();
  reader.add(
    aRecord({
      id: 'req_1_audit',
      shadowOf: 'req_1',
      audit: { compared: 'worse', by: 'judge', propensity: 0.1 },
    }),
  );
  reader.add(
    aRecord({
      baselineNanoUsd: 1_001_500,
      attempts: [anAttempt({ verdict: { kind: 'pass', wrong: 0.3 } })],
    }),
  );
  const { labels: read, savedUsd } = reader.result();
  expect(read.filter(({ weakBy }) => weakBy === undefined)).toMatchObject([
    { complexity: 0.21, isWorse: true, weight: 10, wrong: 0.3 },
  ]);
  expect(savedUsd).toBeCloseTo(0.001, 9);
});

test('feedback is a weak label of its key; nobody’s of an answer that is not known to be small', () => {
  const reader = labelReader();
  reader.feedback({ requestId: 'req_1', caller: 'bot', score: -1 });
  reader.feedback({ requestId: 'req_1', caller: 'web', score: 0.5 });
  reader.feedback({ requestId: 'req_1', caller: 'mute', score: 0 });
  reader.feedback({ requestId: 'req_other', caller: 'bot', score: -1 });
  reader.add(aRecord({ attempts: [anAttempt()] }));
  reader.add(aRecord({ id: 'req_other', attempts: [anAttempt({ tier: 'large' })] }));
  expect(reader.result().labels).toEqual([
    expect.objectContaining({ complexity: 0.21, isWorse: true, weakBy: 'feedback of bot' }),
    expect.objectContaining({ complexity: 0.21, isWorse: false, weakBy: 'feedback of web' }),
  ]);
});

test('drafts that failed a check, answers that passed, and shadows that failed are weak labels; confidence is none', () => {
  const reader = labelReader();
  const failed = (check: 'refusal' | 'confidence') =>
    anAttempt({ kind: 'draft', verdict: { kind: 'fail', check, reason: '' } });
  reader.add(aRecord({ id: 'a', attempts: [failed('refusal'), anAttempt({ tier: 'large' })] }));
  reader.add(aRecord({ id: 'b', attempts: [failed('confidence'), anAttempt({ tier: 'large' })] }));
  reader.add(aRecord({ id: 'c', attempts: [anAttempt({ verdict: { kind: 'pass' } })] }));
  const shadow = anAttempt({ shadow: true, outcome: 'failed' });
  reader.add(aRecord({ id: 'd_shadow', shadowOf: 'd', attempts: [shadow] }));
  const { labels } = reader.result();
  expect(labels.map(({ weakBy, isWorse }) => [weakBy, isWorse])).toEqual([
    ['checks', true],
    ['checks', false],
    ['shadows', true],
  ]);
});
