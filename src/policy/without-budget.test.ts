import { expect, test } from 'vitest';
import { signalNames } from '../signals/index.ts';
import { loadPolicy } from './load.ts';
import { findPolicy, shippedPolicies, withBases, type PolicySource } from './shipped.ts';
import { neverWithoutBudget } from './without-budget.ts';

const load = (source: PolicySource) =>
  loadPolicy(source, {
    upstreams: undefined,
    signals: signalNames,
    thresholdFor: () => ({ value: 0.5, from: 'test' }),
  });

/** The notice for a policy with this one constraint. */
const noticeOf = (source: PolicySource) => neverWithoutBudget(load(source), source);
const noticeFor = (condition: string) =>
  noticeOf({
    file: 'mine.yaml',
    text: `name: mine
objective: { complexityBelow: 0.5 }
constraints: [{ name: c, when: '${condition}', require: { locality: local } }]
`,
  });

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

test('nothing is said of a policy that ships, nor of what is extended', () => {
  const sources = shippedPolicies().map((name) => findPolicy(name, '.'));
  expect(sources.filter(({ text }) => text.includes('budget-spent')).length).toBeGreaterThan(3);
  expect(sources.map(noticeOf)).toEqual(sources.map(() => undefined));
  const own = `extends: default
name: mine
rules: [{ name: broke, when: 'budget.spentShare >= 0.5', use: [small] }]
`;
  expect(noticeOf(withBases({ file: 'mine.yaml', text: own }))).toBe(
    'policy mine: `broke` can never hold: no budget is configured',
  );
});
