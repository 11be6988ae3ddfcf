/** Records replayed under a policy, for tests. */
import type { Accountant } from '../../src/core/accounting.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import { simulator, type Simulation } from '../../src/analysis/simulate.ts';
import { decidedRecord } from './decided-record.ts';
import { policy, situation, snapshot } from './policy.ts';

/** 1 nano-USD per joule and 2 J per second locally, 20 nano-USD per token and 5 J in the cloud. */
export const accountant: Pick<Accountant, 'price'> = {
  price: ({ usage, target, latencyMs }) => {
    const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
    const isLocal = target.locality === 'local';
    const joules = isLocal ? (2 * latencyMs) / 1000 : 5;
    const nano = isLocal ? joules : tokens * 20;
    return {
      cost: { totalNanoUsd: nano, kinds: {}, source: 'given' },
      energy: { lowJ: joules, highJ: joules, method: 'modelled', source: 'given' },
    };
  },
};

export const replay = (
  records: readonly UsageRecord[],
  tried: Policy,
  known: readonly Policy[] = [],
): Simulation => {
  const simulated = simulator({
    policy: tried,
    known,
    accountant,
    keptQuality: (complexity) => 1 - complexity / 2,
  });
  for (const record of records) simulated.add(record);
  return simulated.result();
};

export const before = policy({ version: 'aaaaaaaaaaaa' });
export const below = (value: number, over: Partial<Policy> = {}): Policy =>
  policy({ version: 'bbbbbbbbbbbb', threshold: { value, from: 'given' }, ...over });
export const recorded = (complexity: number, nowMs = 1): UsageRecord =>
  decidedRecord(situation(complexity, { snapshot: snapshot({ nowMs }) }), before);
