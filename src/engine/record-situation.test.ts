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
import type { ModelSelector, Snapshot, UpstreamState } from '../core/decision.ts';
import type { Situation } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';
import { decide } from './decide.ts';
import { fromRecord, toRecord } from './record-situation.ts';

/** As read back from a ledger. */
function kept(
  ask: ModelSelector,
  { facts: known, readings, snapshot: state }: Situation,
): UsageRecord {
  const record = aRecord({
    atMs: state.nowMs,
    caller: state.key.name,
    facts: known,
    readings,
    situation: toRecord(ask, state, known.needs),
  });
  return JSON.parse(JSON.stringify(record)) as UsageRecord;
}

test('a record holds enough of the situation to decide the same again', () => {
  fc.assert(
    fc.property(
      anyAsk,
      anyFacts,
      anyReadings,
      anySnapshot,
      anyPolicy,
      (ask, known, readings, state, policy) => {
        const situation = { facts: known, readings, snapshot: state };
        const again = fromRecord(kept(ask, situation));
        expect(again && decide(again.ask, again.situation, policy)).toEqual(
          decide(ask, situation, policy),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

/** A new member does not compile until it has a line here: kept, or a reason why not. */
const SNAPSHOT: Readonly<Record<keyof Snapshot, 'kept' | 'decides nothing'>> = {
  upstreams: 'kept',
  key: 'kept',
  budget: 'kept',
  boundTo: 'kept',
  thread: 'kept',
  threadKeys: 'decides nothing',
  earlierTurn: 'decides nothing',
  isNamedThread: 'decides nothing',
  draftsLose: 'kept',
  gridGramsPerKwh: 'kept',
  draw: 'kept',
  nowMs: 'kept',
};
const UPSTREAM: Readonly<Record<keyof UpstreamState, 'kept' | 'decides nothing'>> = {
  locality: 'kept',
  model: 'kept',
  models: 'decides nothing',
  modelDigest: 'decides nothing',
  modelFile: 'decides nothing',
  loadState: 'decides nothing',
  contextTokens: 'kept',
  capabilities: 'kept',
  configured: 'kept',
  healthy: 'kept',
  unhealthyModels: 'kept',
  isShut: 'kept',
  shutModels: 'kept',
  limitedModels: 'kept',
  askableInMs: 'decides nothing',
  queueDepth: 'kept',
  ttftMs: 'kept',
  languages: 'kept',
};

const keptOf = <T extends object>(from: T, fate: Readonly<Record<keyof T, string>>): Partial<T> =>
  // Of T's own members, some are left.
  Object.fromEntries(
    Object.entries(from).filter(([name]) => fate[name as keyof T] === 'kept'),
  ) as Partial<T>;

const UNPAID = {
  upstream: 'cloud',
  model: 'big',
  budget: 'team',
  code: 'policy_budget_exceeded',
  reason: 'nothing is left',
} as const;

test('every member of a snapshot that can decide something comes back', () => {
  const local: UpstreamState = {
    ...upstreamState('local'),
    models: ['one', 'other'],
    contextTokens: 512,
    capabilities: new Set(['chat']),
    configured: false,
    healthy: false,
    unhealthyModels: ['one'],
    isShut: true,
    shutModels: ['one'],
    limitedModels: ['two'],
    queueDepth: 3,
    ttftMs: 120,
  };
  const state: Snapshot = {
    upstreams: { local },
    key: { name: 'bot', labels: { team: 'sales' }, upstreams: ['local'], residency: 'local' },
    budget: { spentShare: 0.5, leftUsd: 2, pace: 1.5, unaffordable: [UNPAID], shift: 0.12 },
    boundTo: 'local',
    thread: { tier: 'small', upstream: 'local', model: 'slm' },
    threadKeys: ['digest'],
    draftsLose: true,
    gridGramsPerKwh: 300,
    draw: 0.25,
    nowMs: 1_790_000_000_000,
  };
  const needs = facts({ needs: ['chat', 'vision'] });
  const given = { facts: needs, readings: {}, snapshot: state };
  const back = fromRecord(kept({ kind: 'routed' }, given))?.situation.snapshot;
  const { upstreams: _, ...others } = keptOf(state, SNAPSHOT);
  expect(back).toMatchObject(others);
  expect(back?.upstreams['local']).toMatchObject(keptOf(local, UPSTREAM));
});

test('default values are not recorded', () => {
  expect(toRecord({ kind: 'routed' }, snapshot(), ['chat'])).toEqual({
    ask: { kind: 'routed' },
    upstreams: {
      local: { locality: 'local', model: 'slm' },
      cloud: { locality: 'cloud', model: 'big' },
    },
  });
});

test('of an upstream’s capabilities, only those this request missed are kept', () => {
  const blind = snapshot({
    upstreams: { local: upstreamState('local', { capabilities: new Set(['chat']) }) },
  });
  const needs = facts({ needs: ['chat', 'vision'] }).needs;
  expect(toRecord({ kind: 'routed' }, blind, needs).upstreams['local']).toMatchObject({
    lacks: ['vision'],
  });
});

test('a record from before situations were kept gives undefined', () => {
  expect(fromRecord(aRecord())).toBeUndefined();
});
