import { expect, test } from 'vitest';
import { corrected, packSeen, unpackSeen, type LearnedHead } from '../../core/learned-head.ts';
import type { Reading } from '../../core/signal.ts';
import { relearning } from './relearning.ts';

const head = (bias: number, judge = 'aaaaaaaaaaaa'): LearnedHead => ({
  judge,
  bias,
  weights: [1, -1],
});
const numbers = packSeen([0.5, -0.25]);
const reading = (more: object = {}): Reading => ({
  kind: 'score',
  score: 0.3,
  reason: '',
  seen: { judge: 'aaaaaaaaaaaa', numbers },
  ...more,
});

const scoreOf = (given: Reading, policy: { learned?: LearnedHead }, decidedBy = 'old') => {
  const known = [{ version: 'old' }, { version: 'like', learned: head(2) }];
  const relearn = relearning({ version: 'new', ...policy }, known);
  const { readings, isUnread } = relearn({ complexity: given }, decidedBy);
  const { complexity } = readings;
  return [complexity?.kind === 'score' ? complexity.score : undefined, isUnread];
};

test('a policy that learned gives its own word of what was recorded', () => {
  const under = corrected(0.3, head(1), unpackSeen({ numbers }));
  expect(scoreOf(reading(), { learned: head(1) })).toEqual([under, false]);
  expect(scoreOf(reading({ score: 0.9, before: 0.3 }), { learned: head(1) })).toEqual([
    under,
    false,
  ]);
});

test('one that learned nothing gives the judge’s own word back', () => {
  expect(scoreOf(reading({ score: 0.9, before: 0.3 }), {}, 'like')).toEqual([0.3, false]);
});

test('what was decided by what it learned itself stands, numbers or none', () => {
  const bare = reading({ score: 0.9, before: 0.3, seen: undefined });
  expect(scoreOf(bare, { learned: head(2) }, 'like')).toEqual([0.9, false]);
  expect(scoreOf(bare, { learned: head(2) }, 'new')).toEqual([0.9, false]);
});

test('without what was seen, or seen by another judge, the judge’s own word stands, and that is said', () => {
  expect(scoreOf(reading({ seen: undefined }), { learned: head(1) })).toEqual([0.3, true]);
  expect(scoreOf(reading(), { learned: head(1, 'bbbbbbbbbbbb') })).toEqual([0.3, true]);
});
