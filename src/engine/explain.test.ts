import { expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import { policy, routed, situation } from '../../test/support/policy.ts';
import type { Decision } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import { abstain, score } from '../core/signal.ts';
import type { VerifyPolicy } from '../core/verify.ts';
import { decide } from './decide.ts';
import { explanation, formatExplanation } from './explain.ts';
import type { Routing } from './routing.ts';

const verify = (onFail: VerifyPolicy['onFail']): Partial<Policy> => ({
  verify: { checks: ['empty', 'cut'], onFail, wrongAbove: 0.5 } as unknown as VerifyPolicy,
});

function routing(over: Partial<Policy> = {}, change: Partial<Decision> = {}): Routing {
  const by = policy(over);
  const given = situation(0.1);
  const decision = { ...decide(routed, given, by), ...change } as Decision;
  const features = { ...featuresOf('Hello'), facts: given.facts };
  return { ask: routed, features, ...given, decision, policy: by, signals: [] };
}

test('the checks are told where a small answer would be checked, and only there', () => {
  const checked = routing(verify('escalate'));
  expect(explanation(checked).verify).toEqual({
    checks: ['empty', 'cut'],
    onFail: 'escalate',
    wrongAbove: 0.5,
  });
  expect(explanation(routing()).verify).toBeNull();
  const pinned = { ...checked, ask: { kind: 'tier', tier: 'small' } } as const;
  expect(explanation(pinned).verify).toBeNull();
  expect(explanation(routing(verify('escalate'), { onlyWatches: true })).verify).toBeNull();
  const refused = { kind: 'refuse', code: 'policy_no_target', message: 'None.' } as const;
  expect(explanation(routing(verify('escalate'), refused)).verify).toBeNull();
  const [small, large] = checked.decision.kind === 'route' ? checked.decision.targets : [];
  const turned = { targets: [large, small] } as Partial<Decision>;
  expect(explanation(routing(verify('escalate'), turned)).verify).toBeNull();
});

test.each([
  ['escalate', 'answered by the large model'],
  ['record', 'recorded'],
] as const)('the text says what becomes of an answer that fails: %s', (onFail, words) => {
  const text = formatExplanation(explanation(routing(verify(onFail))));
  expect(text).toContain(`  checked     2 checks; what fails is ${words}`);
});

test('the text names everything that was decided', () => {
  const shadow = { tier: 'small', upstream: 'local', model: 'slm', locality: 'local' } as const;
  const cloud = { tier: 'large', upstream: 'cloud', model: '', locality: 'cloud' } as const;
  const given = routing(
    {},
    {
      complexity: null,
      onlyWatches: true,
      shadow,
      degraded: 'no-tools',
      redact: ['email', 'phone'],
      excluded: [{ target: cloud, by: 'state', name: 'x', reason: 'it is elsewhere' }],
    },
  );
  const readings = {
    complexity: score(0.1, 'a short question'),
    domain: score(0.9, 'it is a program', 'code'),
    pii: abstain('no text', 'not_applicable'),
  };
  const about = { name: 'complexity', about: 'hard to answer', evaluate: () => score(0, '') };
  const text = formatExplanation(explanation({ ...given, readings }), [about]);
  for (const line of [
    'small → local/slm   (rule: objective)',
    '  complexity  unknown, large at or above 0.500',
    '  watching    it would have asked the small tier, but only looks on here',
    '  shadow      local/slm, in the background',
    '  degraded    no-tools',
    '  then        cloud/big',
    '  masked      email, phone, for the cloud',
    '  excluded    cloud/large: it is elsewhere',
    '    complexity  0.10  a short question\n                      high: hard to answer',
    '    domain      0.90  code: it is a program',
    '    pii         –     no text',
    'needs chat',
  ])
    expect(text).toContain(line);
});

test('what was wanted and not asked is said before the reasons why', () => {
  const given = routing({}, { wanted: 'large', degraded: 'cloud-unconfigured' });
  expect(formatExplanation(explanation(given))).toContain(
    '\n  degraded    so the large tier was wanted; not asked: cloud-unconfigured\n  complexity',
  );
});

test('the text of what needs nothing, and of a refusal', () => {
  const refused = { kind: 'refuse', code: 'policy_no_target', message: 'None.' } as const;
  const given = explanation(routing({}, refused));
  const text = formatExplanation({ ...given, request: { ...given.request, needs: [] } });
  expect(text).toContain('refused   (rule: objective)');
  expect(text).toContain('  refused     policy_no_target: None.');
  expect(text).toContain('needs nothing');
});
