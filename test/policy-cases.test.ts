/** The golden cases of every shipped policy, through the decision itself. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decide } from '../src/engine/decide.ts';
import { formatProblem } from '../src/lib/problems.ts';
import { loadCases, type Cases } from '../src/policy/cases.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { findPolicy, shippedFolder, shippedPolicies } from '../src/policy/shipped.ts';
import { signalNames } from '../src/signals/index.ts';

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
  expect(cases.run(policy, decide).map(formatProblem)).toEqual([]);
});
