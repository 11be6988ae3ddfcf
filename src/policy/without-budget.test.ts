import { expect, test } from 'vitest';
import { signalNames } from '../signals/index.ts';
import { loadPolicy } from './load.ts';
import { findPolicy, shippedPolicies, type PolicySource } from './shipped.ts';
import { neverWithoutBudget } from './without-budget.ts';

const load = (source: PolicySource) =>
  loadPolicy(source, {
    upstreams: undefined,
    signals: signalNames,
    thresholdFor: () => ({ value: 0.5, from: 'test' }),
  });

/** The notice for a policy with this one constraint. */
const noticeFor = (condition: string) =>
  neverWithoutBudget(
    load({
      file: 'mine.yaml',
      text: `name: mine
objective: { complexityBelow: 0.5 }
constraints: [{ name: c, when: '${condition}', require: { locality: local } }]
`,
    }),
  );

const NEVER = 'policy mine: `c` can never hold: no budget is configured';

test.each([
  'budget.spentShare >= 1.0',
  'budget["spentShare"] > 0',
  '!(budget.spentShare < 1.0)',
  'signals.pii >= 0.5 && budget.spentShare >= 1.0',
  'domain == "" && upstreams.cloud.healthy && time.hour > 6 && budget.spentShare > 0.0',
])('%s needs a budget', (condition) => {
  expect(noticeFor(condition)).toBe(NEVER);
});

test.each([
  'budget.spentShare < 1.0',
  'budget.spentShare >= 1.0 || signals.pii >= 0.5',
  'budget.spentShare < 0.8 && signals.complexity > 0.9',
  'signals.pii >= 0.5',
  // Never holds, with or without a budget.
  'false',
  'false && budget.spentShare >= 1.0',
])('%s does not', (condition) => {
  expect(noticeFor(condition)).toBeUndefined();
});

test('each shipped policy with such conditions has one line that names them', () => {
  const notices = shippedPolicies().map((name) => neverWithoutBudget(load(findPolicy(name, '.'))));
  const of = (policy: string, names: string) =>
    `policy ${policy}: ${names} can never hold: no budget is configured`;
  expect(notices.filter((line) => line !== undefined)).toEqual([
    of('carbon-aware', '`budget-spent`'),
    of('cost-saver', '`budget-spent`, `save-the-last-fifth`'),
    of('customer-support', '`budget-spent`'),
    of('default', '`budget-spent`'),
    of('privacy-first', '`budget-spent`'),
  ]);
});
