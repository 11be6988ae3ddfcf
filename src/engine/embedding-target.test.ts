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

describe('embeddings of one name', () => {
  const embed = facts({ operation: 'embeddings', needs: ['embeddings'] });
  const decideFor = (ask: ModelSelector, over: Partial<Situation> = {}) =>
    decide(ask, situation(0, { facts: embed, ...over }), policy());
  const small = (over: Partial<UpstreamState>) => ({
    snapshot: snapshot({
      upstreams: { local: upstreamState('local', over), cloud: upstreamState('cloud') },
    }),
  });

  test.each([
    ['is too long', { facts: { ...embed, inputTokens: 9_000 } }, 'caller_context_length'],
    [
      'needs a capability',
      { facts: { ...embed, needs: [...embed.needs, 'n' as const] } },
      'policy_not_capable',
    ],
  ])('are refused where their model cannot take them: the input %s', (_what, over, code) => {
    const decision = decideFor(routed, { ...small({ contextTokens: 2048 }), ...over });
    expect(decision).toMatchObject({ kind: 'refuse', code });
    expect(decision).toHaveProperty('message', expect.stringContaining('one model'));
  });

  test('read many inputs one by one: only the longest must fit', () => {
    const many = { ...embed, inputTokens: 9_000, longestInputTokens: 90 };
    const decision = decideFor(routed, { ...small({ contextTokens: 2048 }), facts: many });
    expect(upstreams(decision)).toEqual(['local']);
  });

  test('may be asked for in token numbers, whatever the server takes', () => {
    const tokens = { ...embed, needs: [...embed.needs, 'token_input' as const] };
    expect(upstreams(decideFor(routed, { facts: tokens }))).toEqual(['local']);
  });

  test('wait for their model: a sick one is asked all the same', () => {
    expect(upstreams(decideFor(routed, small({ healthy: false })))).toEqual(['local']);
  });

  test('come from the large model where the small one makes none, and say so', () => {
    const decision = decideFor(routed, small({ capabilities: new Set(['chat']) }));
    expect(upstreams(decision)).toEqual(['cloud']);
    expect(decision.degraded).toBe('no-embeddings');
  });

  test("come from the cloud under a cloud model's name, and from the tier that was named", () => {
    expect(upstreams(decideFor({ kind: 'routed', largeModel: 'embed-3' }))).toEqual(['cloud']);
    const noSmall = small({ capabilities: new Set(['chat']) });
    const decision = decideFor({ kind: 'tier', tier: 'small' }, noSmall);
    expect(decision).toMatchObject({ kind: 'refuse', code: 'policy_not_capable' });
  });

  test('are the same in every mode', () => {
    for (const mode of ['on', 'off', 'observe', { canary: 0.5 }, { shadow: 0.5 }] as const) {
      const decision = decide(routed, situation(0, { facts: embed }), policy({ mode }));
      expect(upstreams(decision)).toEqual(['local']);
    }
  });
});
