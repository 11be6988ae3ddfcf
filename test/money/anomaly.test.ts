/** S23: a key whose requests are made to look hard is seen, and kept from the large model where its budget says so. */
import { expect, test } from 'vitest';
import { createPayments, type Budgets } from '../../src/budgets/payments.ts';
import type { Budget, LargeCap } from '../../src/core/budget.ts';
import type { Target } from '../../src/core/decision.ts';
import { memoryAttempts } from '../../src/stores/memory/attempts.ts';
import { call } from '../support/call.ts';
import { featuresOf } from '../support/features.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = 500_000 * HOUR_MS;
const LARGE: Target = { upstream: 'cloud', model: 'm', tier: 'large', locality: 'cloud' };

function gatewayWith(large: LargeCap): Budgets {
  const budget: Budget = {
    name: 'all',
    scope: { kind: 'gateway' },
    limitNanoUsd: 1e12,
    per: 'day',
    zone: 'UTC',
    unpriced: 'allow',
    warnAt: [],
    large,
  };
  const budgets = createPayments({
    budgets: [budget],
    isPaid: () => true,
    bound: () => null,
    prices: 'test',
    log: memoryAttempts(),
    newId: (prefix) => `${prefix}_1`,
    epochMs: () => NOW_MS,
  });
  const before = Array.from({ length: 24 }, (_, at) => NOW_MS - (at + 1) * HOUR_MS);
  budgets.anomalies.learn(before.map((atMs) => ({ key: 'open', atMs, requests: 50, large: 5 })));
  return budgets;
}

/** The codes of what a request of this key cannot ask, for the reason given. */
const refusedFor = (budgets: Budgets, over = {}): readonly string[] =>
  (budgets.facts(call(over), featuresOf('Hello'), () => [LARGE])?.unaffordable ?? []).map(
    ({ reason }) => reason,
  );

const attack = ({ anomalies }: Budgets): void => {
  for (let at = 0; at < 40; at += 1)
    anomalies.routed('open', { task: `question ${at}`, isLarge: true, atMs: NOW_MS - at });
};

test('clamped are the routed requests of that key, and what is asked for by name is not', () => {
  const budgets = gatewayWith({ share: 0.9, onAnomaly: 'clamp' });
  expect(refusedFor(budgets)).toEqual([]);
  attack(budgets);
  expect(refusedFor(budgets)).toEqual([expect.stringContaining('(`onAnomaly: clamp`)')]);
  expect(refusedFor(budgets, { override: 'large' })).toEqual([]);
  expect(refusedFor(budgets, { requestedModel: 'cloud/m' })).toEqual([]);
  const other = { name: 'other', labels: {}, mayOverride: true };
  expect(refusedFor(budgets, { caller: other })).toEqual([]);
});

test('where it only warns, nothing is kept from anybody', () => {
  const budgets = gatewayWith({ share: 0.9 });
  attack(budgets);
  expect(budgets.anomalies.counts(NOW_MS).share).toBe(1);
  expect(refusedFor(budgets)).toEqual([]);
});
