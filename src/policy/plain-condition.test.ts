import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Condition, Situation } from '../core/policy.ts';
import { abstain, score } from '../core/signal.ts';
import { conditions } from './conditions.ts';

const compile = conditions({
  signals: ['complexity', 'code'],
  upstreams: ['my-gpu'],
  domains: [],
});

function condition(source: string): Condition {
  const result = compile(source);
  if (!result.ok) throw new Error(`does not compile: ${result.mistake.message}`);
  return result.condition;
}

// what is read of a situation here; a deadline and the code signal are missing
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const SITUATION = {
  facts: { tools: 2 },
  readings: { complexity: score(0.4, ''), code: abstain('late', 'deadline') },
  snapshot: { upstreams: { 'my-gpu': { ttftMs: 80 } }, budget: { spentShare: 0.25 } },
} as unknown as Situation;

test('comparisons of numbers say what CEL says of them', () => {
  const fact = fc.constantFrom(
    'signals.complexity',
    'signals.code',
    'request.tools',
    'request.deadlineMs',
    'budget.spentShare',
    'upstreams["my-gpu"].ttftMs',
  );
  const number = fc.constantFrom('0', '1', '2', '80', '0.4', '0.25', '2.0', '-1', '-0.5');
  const order = fc.constantFrom('<', '<=', '>', '>=');
  const comparison = fc
    .tuple(fact, order, number, fc.boolean())
    .map(([name, op, value, turned]) =>
      turned ? `${value} ${op} ${name}` : `${name} ${op} ${value}`,
    );
  const joint = fc.constantFrom('&&', '||');
  const joined = fc
    .tuple(comparison, joint, comparison, joint, comparison)
    .map(([a, one, b, other, c]) => `(${a} ${one} ${b}) ${other} ${c}`);
  const said = (source: string): boolean | 'missing' => {
    try {
      return condition(source).holds(SITUATION);
    } catch {
      return 'missing';
    }
  };
  fc.assert(
    fc.property(fc.oneof(comparison, joined), (source) => {
      // an equation is CEL's
      expect(said(source)).toBe(said(`(${source}) == true`));
    }),
  );
});
