import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  facts,
  policy,
  routed,
  situation,
  snapshot,
  upstreamState,
  upstreamsOf as upstreams,
  when,
} from '../../test/support/policy.ts';
import type { ModelSelector } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import { abstain, score } from '../core/signal.ts';
import { decide } from './decide.ts';

const staysLocal: Policy['constraints'][number] = {
  name: 'stays-local',
  when: when('signals.pii >= 0.5', ({ readings }) => {
    const pii = readings['pii'];
    if (pii?.kind !== 'score') throw new Error('absent');
    return pii.score >= 0.5;
  }),
  require: { locality: 'local' },
};

describe('the objective', () => {
  test('below the threshold the small model is asked first, and the large one stands in', () => {
    const decision = decide(routed, situation(0.49), policy());
    expect(upstreams(decision)).toEqual(['local', 'cloud']);
    expect(decision).toMatchObject({ rule: 'objective', wanted: 'small' });
  });

  test('at the threshold the large model is asked first', () => {
    expect(upstreams(decide(routed, situation(0.5), policy()))).toEqual(['cloud', 'local']);
  });

  test('a request that no signal could judge counts as complex', () => {
    const blind = situation(0, { readings: { complexity: abstain('no opinion') } });
    expect(decide(routed, blind, policy())).toMatchObject({ wanted: 'large', complexity: null });
  });

  test('an intercepted model name pins nothing and stands for the large model', () => {
    const decision = decide({ kind: 'routed', largeModel: 'gpt-4o' }, situation(0.9), policy());
    expect(decision).toMatchObject({ targets: [{ model: 'gpt-4o' }, { model: 'slm' }] });
  });
});

describe('rules and domains', () => {
  const rule = { name: 'tools', when: when('request.tools > 0', ({ facts: f }) => f.tools > 0) };

  test('the first rule that matches decides', () => {
    const rules = [
      { ...rule, use: ['large'] as const },
      { name: 'late', when: when('true', () => true), use: ['small'] as const },
    ];
    const withTools = situation(0, { facts: facts({ tools: 1 }) });
    expect(decide(routed, withTools, policy({ rules }))).toMatchObject({ rule: 'tools' });
    expect(decide(routed, situation(0), policy({ rules }))).toMatchObject({ rule: 'late' });
  });

  test('a rule that cannot be evaluated does not match', () => {
    const broken = when('signals.x > 0', () => {
      throw new Error('absent');
    });
    const rules = [{ name: 'broken', when: broken, use: ['large'] as const }];
    expect(decide(routed, situation(0), policy({ rules }))).toMatchObject({ rule: 'objective' });
  });

  test('a recognised domain goes to the small model, whatever its complexity score', () => {
    const domains = [{ name: 'refund', examples: [], use: 'small' as const }];
    const readings = { complexity: score(0.9, ''), domain: score(0.8, '', 'refund') };
    expect(decide(routed, situation(0, { readings }), policy({ domains }))).toMatchObject({
      rule: 'domain:refund',
      wanted: 'small',
    });
  });
});

describe('constraints', () => {
  const pii = (value: number): Parameters<typeof decide>[1] =>
    situation(0.9, { readings: { complexity: score(0.9, ''), pii: score(value, '') } });

  test('a local-only request goes to local targets only, and names the constraint', () => {
    const decision = decide(routed, pii(1), policy({ constraints: [staysLocal] }));
    expect(upstreams(decision)).toEqual(['local']);
    expect(decision).toMatchObject({ rule: 'stays-local', wanted: 'large' });
    expect(decision.degraded).toBeUndefined();
  });

  test('a constraint that cannot be evaluated holds', () => {
    expect(
      upstreams(decide(routed, situation(0.9), policy({ constraints: [staysLocal] }))),
    ).toEqual(['local']);
  });

  test.each<ModelSelector>([
    { kind: 'tier', tier: 'large' },
    { kind: 'pinned', upstream: 'cloud', model: 'big' },
  ])('the caller cannot choose around it: $kind', (ask) => {
    const decision = decide(ask, pii(1), policy({ constraints: [staysLocal] }));
    expect(upstreams(decision)).not.toContain('cloud');
  });

  test.each(['off', 'observe', { shadow: 1 }, 'on', { canary: 0 }] as const)(
    'it holds in mode %o',
    (mode) => {
      const decision = decide(routed, pii(1), policy({ mode, constraints: [staysLocal] }));
      expect(upstreams(decision)).toEqual(['local']);
    },
  );

  test('no target left is a refusal, never a silent fallback to the cloud', () => {
    const noLocal = snapshot({
      upstreams: {
        local: upstreamState('local', { configured: false }),
        cloud: upstreamState('cloud'),
      },
    });
    const decision = decide(
      routed,
      { ...pii(1), snapshot: noLocal },
      policy({ constraints: [staysLocal] }),
    );
    expect(decision).toMatchObject({ kind: 'refuse', code: 'policy_residency' });
  });

  test('no situation sends a local-only request to the cloud', () => {
    const states = fc.record({
      configured: fc.boolean(),
      healthy: fc.boolean(),
      contextTokens: fc.nat(100),
    });
    fc.assert(
      fc.property(
        states,
        states,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom<ModelSelector>(
          routed,
          { kind: 'routed', largeModel: 'x' },
          { kind: 'tier', tier: 'small' },
          { kind: 'tier', tier: 'large' },
          { kind: 'pinned', upstream: 'cloud', model: 'x' },
        ),
        fc.constantFrom<Policy['mode']>('off', 'observe', { shadow: 1 }, 'on', { canary: 0.5 }),
        fc.constantFrom('serve-small' as const, 'refuse' as const),
        (local, cloud, complexity, ask, mode, large) => {
          const held = snapshot({
            draw: 0,
            upstreams: {
              local: upstreamState('local', local),
              cloud: upstreamState('cloud', cloud),
            },
          });
          const ruled = policy({
            mode,
            constraints: [staysLocal],
            whenUnavailable: { large, small: 'serve-large', credentials: 'refuse' },
          });
          const decision = decide(ask, { ...situation(complexity), snapshot: held }, ruled);
          expect(upstreams(decision)).not.toContain('cloud');
          expect(decision.shadow?.upstream).not.toBe('cloud');
        },
      ),
    );
  });
});

describe('what an upstream cannot do', () => {
  const only = (over: Parameters<typeof facts>[0], state: Parameters<typeof upstreamState>[1]) =>
    decide(
      routed,
      situation(0, {
        facts: facts(over),
        snapshot: snapshot({
          upstreams: { local: upstreamState('local', state), cloud: upstreamState('cloud') },
        }),
      }),
      policy(),
    );

  test('a missing capability excludes the target, with a reason', () => {
    const decision = only(
      { needs: ['chat', 'tools'] },
      { capabilities: new Set(['chat'] as const) },
    );
    expect(upstreams(decision)).toEqual(['cloud']);
    expect(decision.degraded).toBe('no-tools');
  });

  test('a prompt longer than the window goes elsewhere instead of being cut', () => {
    const decision = only({ inputTokens: 5000 }, { contextTokens: 4096 });
    expect(upstreams(decision)).toEqual(['cloud']);
    expect(decision.degraded).toBe('context-window');
  });

  test('without a configured cloud the small model answers, with a reason', () => {
    const none = snapshot({
      upstreams: {
        local: upstreamState('local'),
        cloud: upstreamState('cloud', { configured: false }),
      },
    });
    const decision = decide(routed, situation(0.9, { snapshot: none }), policy());
    expect(upstreams(decision)).toEqual(['local']);
    expect(decision.degraded).toBe('cloud-unconfigured');
  });

  test('…unless the policy refuses then', () => {
    const none = snapshot({
      upstreams: {
        local: upstreamState('local'),
        cloud: upstreamState('cloud', { configured: false }),
      },
    });
    const strict = policy({
      whenUnavailable: { large: 'refuse', small: 'serve-large', credentials: 'refuse' },
    });
    expect(decide(routed, situation(0.9, { snapshot: none }), strict)).toMatchObject({
      kind: 'refuse',
      code: 'policy_no_target',
    });
  });

  test('an unhealthy upstream is tried last instead of excluded', () => {
    const sick = snapshot({
      upstreams: {
        local: upstreamState('local', { healthy: false }),
        cloud: upstreamState('cloud'),
      },
    });
    const decision = decide(routed, situation(0, { snapshot: sick }), policy());
    expect(upstreams(decision)).toEqual(['cloud', 'local']);
    expect(decision.degraded).toBe('local-unhealthy');
  });
});

describe('requests that are bound to one target', () => {
  test('embeddings always come from one model, whatever their text', () => {
    for (const complexity of [0, 1]) {
      const decision = decide(
        routed,
        situation(complexity, { facts: facts({ operation: 'embeddings', needs: ['embeddings'] }) }),
        policy(),
      );
      expect(upstreams(decision)).toEqual(['local']);
    }
  });

  test('a conversation whose state one upstream holds is answered there', () => {
    const bound = situation(0.9, { snapshot: snapshot({ boundTo: 'local' }) });
    expect(upstreams(decide(routed, bound, policy()))).toEqual(['local']);
  });

  test('other routes go to the large tier or nowhere', () => {
    const carried = situation(0, { facts: facts({ operation: 'passthrough', needs: [] }) });
    expect(upstreams(decide({ kind: 'tier', tier: 'large' }, carried, policy()))).toEqual([
      'cloud',
    ]);
  });
});

describe('modes', () => {
  test('observe reports what it would have done and changes no target', () => {
    const decision = decide(routed, situation(0.1), policy({ mode: 'observe' }));
    expect(decision).toMatchObject({
      wanted: 'small',
      targets: [{ tier: 'large' }, { tier: 'small' }],
    });
    expect(decision.degraded).toBeUndefined();
  });

  test.each([
    [0.05, 'small'],
    [0.5, 'large'],
  ])('in a canary of 0.1 a thread drawn at %f is served %s', (draw, tier) => {
    const drawn = situation(0.1, { snapshot: snapshot({ draw }) });
    expect(decide(routed, drawn, policy({ mode: { canary: 0.1 } }))).toMatchObject({
      targets: [{ tier }, {}],
    });
  });
});
