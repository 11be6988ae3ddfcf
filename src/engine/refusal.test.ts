import { describe, expect, test } from 'vitest';
import {
  facts,
  policy,
  routed,
  situation,
  snapshot,
  upstreamState,
  upstreamsOf as upstreams,
} from '../../test/support/policy.ts';
import type { Exclusion, ModelSelector, UpstreamState } from '../core/decision.ts';
import type { Situation } from '../core/policy.ts';
import { decide } from './decide.ts';
import { ONE_MODEL } from './embedding-target.ts';
import { isNotNow, refusal, unpaid } from './refusal.ts';

describe('a caller who asks for small', () => {
  const small: ModelSelector = { kind: 'tier', tier: 'small' };
  const unable = (state: Partial<UpstreamState>): Situation =>
    situation(0.9, {
      facts: facts({ needs: ['chat', 'logprobs'] }),
      snapshot: snapshot({
        upstreams: {
          local: upstreamState('local', { capabilities: new Set(['chat']), ...state }),
          cloud: upstreamState('cloud', { capabilities: new Set(['chat', 'logprobs']) }),
        },
      }),
    });

  test.each([
    [{}, 'policy_not_capable', 'logprobs'],
    [{ configured: false }, 'policy_no_target', 'not configured'],
    [
      { capabilities: new Set(['chat', 'logprobs'] as const), contextTokens: 1 },
      'caller_context_length',
      'window',
    ],
  ] as const)('is refused with the reason where it is %o', (state, code, reason) => {
    const decision = decide(small, unable(state), policy());
    expect(decision).toMatchObject({ kind: 'refuse', code });
    expect(decision.kind === 'refuse' && decision.message).toContain(reason);
    expect(decision.kind === 'refuse' && decision.message).toContain('small: serve-large');
  });

  test('has no second target, however sick the first', () => {
    const sick = unable({ healthy: false, capabilities: new Set(['chat', 'logprobs']) });
    expect(upstreams(decide(small, sick, policy()))).toEqual(['local']);
  });

  test('is answered by the large one where the policy says so, and told', () => {
    const whenUnavailable = {
      large: 'serve-small',
      small: 'serve-large',
      credentials: 'refuse',
    } as const;
    const said = policy({ whenUnavailable });
    const decision = decide(small, unable({}), said);
    expect(upstreams(decision)).toEqual(['cloud']);
    expect(decision.degraded).toBe('no-logprobs');
  });

  test('changes nothing for what is routed', () => {
    expect(upstreams(decide(routed, unable({}), policy()))).toEqual(['cloud']);
  });
});

describe('where nothing is left', () => {
  const target = { tier: 'large', upstream: 'cloud', model: 'big', locality: 'cloud' } as const;
  const by = (reason: Exclusion['by'], name = 'x'): Exclusion => ({
    target,
    by: reason,
    name,
    reason: `because of ${reason}`,
  });
  const short = {
    upstream: 'cloud',
    model: 'big',
    budget: 'team',
    code: 'policy_unpriced',
    reason: 'It has no price.',
  } as const;
  const poor = (more: object = {}) =>
    snapshot({ budget: { spentShare: 1, unaffordable: [{ ...short, ...more }] } });
  const told = (excluded: readonly Exclusion[], more: object = {}) =>
    refusal(excluded, { snapshot: snapshot(), isEmbedding: false, pinned: undefined, ...more });

  test('what a budget has to say is said in its words, and when there is money again', () => {
    const code = 'policy_unpriced';
    expect(told([by('budget')], { snapshot: poor() })).toEqual({ code, message: short.reason });
    expect(told([by('large-cap')], { snapshot: poor({ untilMs: 5 }) }).retryAtMs).toBe(5);
    expect(told([by('budget')], { snapshot: poor({ model: 'another' }) }).code).toBe(
      'policy_budget_exceeded',
    );
  });

  test('not so where a constraint keeps it here', () => {
    const both = [by('budget'), by('constraint')];
    expect(unpaid(both, poor())).toBeUndefined();
    expect(told(both, { snapshot: poor() }).code).toBe('policy_residency');
  });

  test('what cannot be asked now may be asked again', () => {
    const limited = by('health', 'limited');
    expect(told([limited]).code).toBe('upstream_rate_limited');
    const mixed = told([limited, by('health', 'failing'), by('capability')]);
    expect(mixed.code).toBe('upstream_unavailable');
    expect(mixed.message).toContain('cloud: because of health; cloud: because of health; cloud:');
    expect([isNotNow(mixed.code), isNotNow('policy_residency')]).toEqual([true, false]);
    expect(isNotNow('upstream_rate_limited')).toBe(true);
  });

  test('an embedding has one model, and a policy may leave none', () => {
    expect(told([by('capability')], { isEmbedding: true }).message).toContain(ONE_MODEL);
    expect(told([])).toMatchObject({ code: 'policy_no_target' });
  });
});
