import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  anyAsk,
  anyFacts,
  anyPolicy,
  anyReadings,
  anySnapshot,
} from '../../test/support/arbitrary-situation.ts';
import { answeredBy, decidedRecord } from '../../test/support/decided-record.ts';
import { facts, policy, situation, snapshot, upstreamState } from '../../test/support/policy.ts';
import { aRecord } from '../../test/support/record.ts';
import { accountant, before, below, recorded, replay } from '../../test/support/replayed.ts';
import type { Target } from '../core/decision.ts';
import type { Attempt, UsageRecord } from '../core/record.ts';
import { abstain, score } from '../core/signal.ts';
import { simulator } from './simulate.ts';

const LOCAL: Target = { tier: 'small', upstream: 'local', model: 'slm', locality: 'local' };
const failedAt = (target: Target): Attempt => {
  const { usage: _, ...attempt } = answeredBy(target, { cost: null, energy: null });
  return { ...attempt, outcome: 'failed' };
};
const CLOUD: Target = { tier: 'large', upstream: 'cloud', model: 'big', locality: 'cloud' };

test('the same policy makes the same decisions again, for any requests', () => {
  const circumstances = fc.record({
    ask: anyAsk,
    facts: anyFacts,
    readings: anyReadings,
    snapshot: anySnapshot,
  });
  fc.assert(
    fc.property(anyPolicy, fc.array(circumstances, { maxLength: 12 }), (tried, list) => {
      const records = list.map(({ ask, ...given }) => decidedRecord(given, tried, { ask }));
      const simulation = replay(records, tried);
      expect(simulation.records.replayed).toBe(list.length);
      expect([simulation.flipped.count, simulation.otherRule]).toEqual([0, 0]);
      expect(simulation.after).toEqual(simulation.before);
      expect(simulation.spending.cost.afterNanoUsd).toBe(simulation.spending.cost.beforeNanoUsd);
    }),
    { numRuns: 200 },
  );
});

describe('a flip', () => {
  const records = [recorded(0.2, 1), recorded(0.6, 2), recorded(0.7, 3), recorded(0.9, 4)];

  test('has the rules of both decisions, examples and a reason', () => {
    const simulation = replay(records, below(0.8));
    expect(simulation.flipped).toEqual({ count: 2, share: 0.5 });
    expect(simulation.flips).toEqual([
      {
        from: { rule: 'objective', to: 'large cloud/big' },
        to: { rule: 'objective', to: 'small local/slm' },
        count: 2,
        examples: ['req_2', 'req_3'],
        because: 'complexity 0.60 is below 0.80',
      },
    ]);
    expect([simulation.before, simulation.after]).toEqual([
      { small: 0.25, large: 0.75, refused: 0, masked: 0 },
      { small: 0.75, large: 0.25, refused: 0, masked: 0 },
    ]);
    expect(simulation.records).toMatchObject({ replayed: 4, fromMs: 1, toMs: 4 });
  });

  test('is not a request that another rule sends to the same target', () => {
    const rule = {
      name: 'everything',
      when: { source: 'true', holds: () => true },
      use: ['small'] as const,
    };
    const simulation = replay([recorded(0.2)], below(0.5, { rules: [rule] }));
    expect([simulation.flipped.count, simulation.otherRule]).toEqual([0, 1]);
    expect(simulation.rules).toEqual([
      expect.objectContaining({ rule: 'everything', before: 0, after: 1, smallAfter: 1 }),
      expect.objectContaining({ rule: 'objective', before: 1, after: 0, smallBefore: 1 }),
    ]);
  });

  test('is not a request that goes to the same target masked, which is counted separately', () => {
    const masks = {
      name: 'masks',
      when: { source: 'true', holds: () => true },
      require: { locality: 'local' as const },
      redact: ['email' as const],
    };
    const simulation = replay([recorded(0.9), recorded(0.2)], below(0.5, { constraints: [masks] }));
    expect(simulation.flipped.count).toBe(0);
    expect([simulation.before.masked, simulation.after.masked]).toEqual([0, 0.5]);
  });

  test('may be a refusal, with no cost and no quality', () => {
    const away = { name: 'stays', when: { source: 'true', holds: () => true } };
    const constraints = [{ ...away, require: { locality: 'local' as const } }];
    const upstreams = {
      local: upstreamState('local', { configured: false }),
      cloud: upstreamState('cloud'),
    };
    const record = decidedRecord(situation(0.9, { snapshot: snapshot({ upstreams }) }), before);
    const simulation = replay([record], below(0.5, { constraints }));
    expect(simulation.flips[0]?.to).toEqual({ rule: 'objective', to: 'refused' });
    expect(simulation.after.refused).toBe(1);
    expect(simulation.spending.cost).toMatchObject({ beforeNanoUsd: 1000, afterNanoUsd: 0 });
    expect(simulation.quality?.after.estimate).toBe(0);
  });
});

describe('cost and energy', () => {
  test('of a moved request are those of its tokens, with the recorded speed of a local model', () => {
    const simulation = replay([recorded(0.2), recorded(0.6)], below(0.8));
    expect(simulation.spending).toEqual({
      cost: {
        comparable: 2,
        unknown: 0,
        unknownMoved: 0,
        beforeNanoUsd: 1010,
        afterNanoUsd: 12,
        changeShare: 12 / 1010 - 1,
      },
      energy: {
        comparable: 2,
        unknown: 0,
        unknownMoved: 0,
        before: { lowJ: 108, highJ: 380 },
        after: { lowJ: 10, highJ: 82 },
      },
      unseenTargets: [],
    });
  });

  test('of a local model without recorded answers are not known, and not taken for 0', () => {
    const simulation = replay([recorded(0.9, 1), recorded(0.6, 2)], below(0.8));
    expect(simulation.spending.unseenTargets).toEqual(['local/slm']);
    expect(simulation.spending.cost).toMatchObject({
      comparable: 1,
      unknown: 1,
      beforeNanoUsd: 1000,
    });
    expect(simulation.spending.energy).toMatchObject({
      comparable: 1,
      unknown: 1,
      unknownMoved: 1,
    });
    // The known costs say nothing about the requests that move.
    expect(simulation.spending.cost.changeShare).toBeNull();
  });

  test('of such a model are known if its speed is given', () => {
    const simulated = simulator({
      policy: below(0.8),
      known: [],
      accountant,
      keptQuality: () => 1,
      localMsPerToken: 100,
    });
    simulated.add(recorded(0.6));
    const { spending } = simulated.result();
    expect(spending.cost).toMatchObject({ unknown: 0, beforeNanoUsd: 1000, afterNanoUsd: 10 });
    expect(spending.unseenTargets).toEqual([]);
  });

  test('are as recorded if the other target has a recorded attempt', () => {
    const attempts = [failedAt(LOCAL), answeredBy(CLOUD)];
    const record = decidedRecord(situation(0.2), before, { attempts });
    const simulation = replay([record], below(0.1));
    expect(simulation.flipped.count).toBe(1);
    expect(simulation.spending.cost).toMatchObject({ beforeNanoUsd: 1000, afterNanoUsd: 1000 });
  });

  test('without a price on either side are counted as unknown', () => {
    const attempts = [answeredBy(LOCAL, { cost: null })];
    const simulation = replay([decidedRecord(situation(0.2), before, { attempts })], before);
    expect(simulation.spending.cost).toMatchObject({
      comparable: 0,
      unknown: 1,
      changeShare: null,
    });
    expect(simulation.spending.energy).toMatchObject({ comparable: 1, unknown: 0 });
  });
});

test('an answer without usage is not taken for free', () => {
  const { usage: _, ...uncounted } = answeredBy(LOCAL, { cost: null, energy: null });
  const record = decidedRecord(situation(0.2), before, { attempts: [uncounted] });
  expect(replay([record], before).spending.cost).toMatchObject({ comparable: 0, unknown: 1 });
  expect(replay([record], below(0.1)).spending.cost).toMatchObject({ comparable: 0, unknown: 1 });
});

describe('expected quality', () => {
  test('is the calibration’s for small answers, with a range', () => {
    const simulation = replay([recorded(0.2), recorded(0.6)], below(0.8));
    expect(simulation.quality?.before.estimate).toBeCloseTo((0.9 + 1) / 2);
    expect(simulation.quality?.after.estimate).toBeCloseTo((0.9 + 0.7) / 2);
    const { low, high } = simulation.quality!.after;
    expect([low > 0.2, low < 0.8, high > 0.8, high <= 1]).toEqual([true, true, true, true]);
  });

  test('narrows with more requests', () => {
    const width = (records: readonly UsageRecord[]): number => {
      const { low, high } = replay(records, below(0.8)).quality!.after;
      return high - low;
    };
    const few = [recorded(0.2), recorded(0.6)];
    const many = Array.from({ length: 50 }, () => few).flat();
    expect(width(many)).toBeLessThan(width(few) / 3);
  });

  test('leaves out requests without a complexity, and operations without an answer', () => {
    const unjudged = situation(0, { readings: { complexity: abstain('none') } });
    const byName = { kind: 'tier', tier: 'small' } as const;
    const embeddings = situation(0.9, { facts: facts({ operation: 'embeddings' }) });
    const simulation = replay(
      [decidedRecord(unjudged, before, { ask: byName }), decidedRecord(embeddings, before)],
      before,
    );
    expect([simulation.quality, simulation.unjudged]).toEqual([undefined, 1]);
  });
});

describe('not known is', () => {
  const refund = { name: 'refund', examples: ['my money back'], use: 'small' as const };
  const asRefund = situation(0.9, {
    readings: { complexity: score(0.9, ''), domain: score(0.9, '', 'refund') },
  });
  const withDomain = policy({ version: 'aaaaaaaaaaaa', domains: [refund] });
  const record = decidedRecord(asRefund, withDomain);

  test('whether a prompt belongs to the other policy’s domains: the name decides, and it is counted', () => {
    const other = { ...refund, examples: ['something else'] };
    const simulation = replay([record], below(0.5, { domains: [other] }));
    expect([simulation.flipped.count, simulation.records.domainUnread]).toEqual([0, 1]);
    const renamed = below(0.5, { domains: [{ ...other, name: 'returns' }] });
    expect(replay([record], renamed).flips[0]?.to.rule).toBe('objective');
  });

  test('nothing if the domains have the same examples', () => {
    const same = below(0.95, { domains: [refund] });
    expect(replay([record], same, [withDomain]).records.domainUnread).toBe(0);
    expect(replay([record], same).records.domainUnread).toBe(1);
  });

  test('the decision of some records, which are counted by reason', () => {
    const { decision: _, ...undecided } = aRecord();
    const shadow = { ...recorded(0.2), shadowOf: 'req_1' };
    const simulation = replay([aRecord(), undecided, shadow], before);
    expect(simulation.records).toMatchObject({
      replayed: 0,
      unusable: { withoutSituation: 1, undecided: 1, shadow: 1 },
    });
  });
});
