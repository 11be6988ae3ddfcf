/** A complete record: decided by `decide`, with the situation that the decision depended on. */
import type { ModelSelector, Target } from '../../src/core/decision.ts';
import type { Policy, Situation } from '../../src/core/policy.ts';
import type { Attempt, UsageRecord } from '../../src/core/record.ts';
import { decide } from '../../src/engine/decide.ts';
import { toRecord } from '../../src/engine/record-situation.ts';
import { anAttempt, aRecord } from './record.ts';

interface Overrides {
  readonly ask?: ModelSelector;
  readonly attempts?: readonly Attempt[];
  readonly change?: Partial<UsageRecord>;
}

/** A record as read from a ledger. By default the first target answered. */
export function decidedRecord(
  situation: Situation,
  policy: Policy,
  overrides: Overrides = {},
): UsageRecord {
  const { ask = { kind: 'routed' }, change } = overrides;
  const { facts, readings, snapshot } = situation;
  const decision = decide(ask, situation, policy);
  const [first] = decision.kind === 'route' ? decision.targets : [];
  const attempts = overrides.attempts ?? (first === undefined ? [] : [answeredBy(first)]);
  const record = aRecord({
    id: `req_${snapshot.nowMs}`,
    atMs: snapshot.nowMs,
    caller: snapshot.key.name,
    operation: facts.operation,
    facts,
    readings,
    decision,
    situation: toRecord(ask, snapshot, facts.needs),
    attempts,
    outcome: decision.kind === 'route' ? 'answered' : 'refused',
    ...change,
  });
  return JSON.parse(JSON.stringify(record)) as UsageRecord;
}

/** 100 tokens in, 50 out; local in 1,000 ms for 10 nano-USD, cloud for 1,000. */
export function answeredBy(target: Target, change: Partial<Attempt> = {}): Attempt {
  const isLocal = target.locality === 'local';
  return anAttempt({
    ...target,
    answeredModel: target.model,
    latencyMs: isLocal ? 1000 : 400,
    cost: { totalNanoUsd: isLocal ? 10 : 1000, kinds: {}, source: 'given' },
    energy: isLocal
      ? { lowJ: 8, highJ: 80, method: 'modelled', source: 'given' }
      : { lowJ: 100, highJ: 300, method: 'modelled', source: 'given' },
    ...change,
  });
}
