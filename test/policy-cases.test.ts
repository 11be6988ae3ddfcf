/** The golden cases of every shipped policy, through the decision itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decide } from '../src/engine/decide.ts';
import { surelyWrittenIn } from '../src/signals/language/shipped.ts';
import { draftChecker } from '../src/verify/check-draft.ts';
import { formatProblem } from '../src/lib/problems.ts';
import { loadCases, type Cases } from '../src/policy/cases.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { findPolicy, shippedFolder, shippedPolicies } from '../src/policy/shipped.ts';
import { signalNames } from '../src/signals/index.ts';

const checkDraft = draftChecker(surelyWrittenIn());

/** The acceptance criterion of the issue that asked for them. */
const LEAST = 15;

function casesOf(name: string): Cases {
  const file = join(shippedFolder(), 'cases', `${name}.yaml`);
  return loadCases({ text: readFileSync(file, 'utf8'), file });
}

test.each(shippedPolicies())('the policy %s decides every golden case as written', (name) => {
  const cases = casesOf(name);
  const policy = loadPolicy(findPolicy(cases.policy, '.'), {
    upstreams: {
      local: { locality: 'local', model: 'small-model' },
      cloud: { locality: 'cloud', model: 'large-model' },
    },
    signals: signalNames,
    thresholdFor: () => ({ value: cases.threshold, from: 'the cases' }),
  });
  expect(cases.policy).toBe(name);
  expect(cases.count).toBeGreaterThanOrEqual(LEAST);
  const named = [...policy.constraints, ...policy.rules].map((each) => each.name);
  const ruled = [...named, ...policy.domains.map((each) => `domain:${each.name}`)];
  expect(ruled.filter((rule) => !cases.rules.has(rule))).toEqual([]);
  expect(cases.run(policy, decide, checkDraft).map(formatProblem)).toEqual([]);
});

test('cases may say which check a small answer fails', () => {
  const text = [
    'policy: observe',
    'threshold: 0.4',
    'cases:',
    '  - { name: good, draft: { task: "Say hello.", text: "Hello there!" }, expect: { check: none } }',
    '  - { name: doubtful, draft: { task: "Say hello.", text: "Hello there!", wrong: 0.7 }, expect: { check: confidence } }',
    '  - { name: cut, draft: { task: "Say hello.", text: "Hello, and then", stopped: length }, expect: { check: refusal } }',
    '  - { name: loses, snapshot: { draftsLose: true }, expect: { rule: drafts-lose, targets: [cloud, local] } }',
  ].join('\n');
  const cases = loadCases({ text, file: 'c.yaml' });
  const context = {
    upstreams: undefined,
    signals: signalNames,
    thresholdFor: () => ({ value: 0.4, from: 'test' }),
  };
  const policy = loadPolicy(
    {
      text: 'name: t\nobjective: { complexityBelow: 0.4 }\nverify: { onFail: escalate }\n',
      file: 'p.yaml',
    },
    context,
  );
  const problems = cases.run(policy, decide, checkDraft).map(formatProblem);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain('check should be `refusal`, is `cut`');
});
