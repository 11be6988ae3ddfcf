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
import type { ModelSelector, UpstreamState } from '../core/decision.ts';
import type { Situation } from '../core/policy.ts';
import { decide } from './decide.ts';

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
