import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  anyAsk,
  anyFacts,
  anyPolicy,
  anyReadings,
  anySnapshot,
} from '../../test/support/arbitrary-situation.ts';
import { facts, snapshot, upstreamState } from '../../test/support/policy.ts';
import { aRecord } from '../../test/support/record.ts';
import type { Ask } from '../core/decision.ts';
import type { Situation } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';
import { decide } from './decide.ts';
import { recall, recordSituation } from './recorded-situation.ts';

/** As it comes back from a ledger. */
function kept(ask: Ask, { facts: known, readings, snapshot: state }: Situation): UsageRecord {
  const record = aRecord({
    atMs: state.nowMs,
    caller: state.key.name,
    facts: known,
    readings,
    situation: recordSituation(ask, state, known.needs),
  });
  return JSON.parse(JSON.stringify(record)) as UsageRecord;
}

test('what a record says of the circumstances is enough to decide the same again', () => {
  fc.assert(
    fc.property(
      anyAsk,
      anyFacts,
      anyReadings,
      anySnapshot,
      anyPolicy,
      (ask, known, readings, state, policy) => {
        const situation = { facts: known, readings, snapshot: state };
        const again = recall(kept(ask, situation));
        expect(again && decide(again.ask, again.situation, policy)).toEqual(
          decide(ask, situation, policy),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('what is usual is not written down', () => {
  expect(recordSituation({ kind: 'routed' }, snapshot(), ['chat'])).toEqual({
    ask: { kind: 'routed' },
    upstreams: {
      local: { locality: 'local', model: 'slm' },
      cloud: { locality: 'cloud', model: 'big' },
    },
  });
});

test('of what an upstream can do, only what this request missed is kept', () => {
  const blind = snapshot({
    upstreams: { local: upstreamState('local', { capabilities: new Set(['chat']) }) },
  });
  const needs = facts({ needs: ['chat', 'vision'] }).needs;
  expect(recordSituation({ kind: 'routed' }, blind, needs).upstreams['local']).toMatchObject({
    lacks: ['vision'],
  });
});

test('a record from before situations were kept says nothing', () => {
  expect(recall(aRecord())).toBeUndefined();
});
