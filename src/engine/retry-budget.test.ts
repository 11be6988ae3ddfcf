import { expect, test } from 'vitest';
import { RetryBudget } from './retry-budget.ts';

const SPAN_MS = 10_000;

function budgetOf() {
  const clock = { nowMs: 0 };
  const budget = new RetryBudget(() => clock.nowMs);
  return { budget, clock };
}

/** So many attempts end, of which some failed. */
function attempts(budget: RetryBudget, upstream: string, count: number, failures: number): void {
  for (let at = 0; at < count; at += 1) {
    budget.enter(upstream, false);
    budget.left(upstream, { isRetry: false, hasFailed: at < failures });
  }
}

/** How many retries may be under way at once. */
function retries(budget: RetryBudget, upstream: string, most = 1000): number {
  let count = 0;
  while (count < most && budget.enter(upstream, true)) count += 1;
  return count;
}

test('three retries towards a failing upstream may be under way, whatever else is', () => {
  const { budget } = budgetOf();
  attempts(budget, 'cloud', 10, 10);
  expect(retries(budget, 'cloud')).toBe(3);
  budget.left('cloud', { isRetry: true, hasFailed: true });
  expect(retries(budget, 'cloud')).toBe(1);
});

test('of a hundred attempts under way a fifth may be retries, themselves counted', () => {
  const { budget } = budgetOf();
  attempts(budget, 'cloud', 10, 10);
  for (let count = 0; count < 100; count += 1) budget.enter('local', false);
  const most = retries(budget, 'cloud');
  expect(most / (100 + most)).toBeCloseTo(0.2, 1);
});

test('an upstream that works takes over everything that another one fails', () => {
  const { budget } = budgetOf();
  attempts(budget, 'local', 100, 100);
  attempts(budget, 'cloud', 100, 20);
  expect(retries(budget, 'cloud', 500)).toBe(500);
});

test('failures are forgotten', () => {
  const { budget, clock } = budgetOf();
  attempts(budget, 'cloud', 100, 100);
  clock.nowMs = 8 * SPAN_MS;
  attempts(budget, 'cloud', 10, 0);
  expect(retries(budget, 'cloud', 50)).toBe(50);
});
