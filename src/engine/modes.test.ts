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
import type { Decision, Snapshot } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import { decide } from './decide.ts';
import { formatExplanation, outline } from './explain.ts';

const staysLocal: Policy['constraints'][number] = {
  name: 'stays-local',
  when: when('true', () => true),
  require: { locality: 'local' },
};

describe('a mode for some keys', () => {
  const support = when(
    'key.labels.team == "support"',
    ({ snapshot: { key } }) => key.labels['team'] === 'support',
  );
  const broken = when('key.labels.other == "x"', () => {
    throw new Error('no such key');
  });
  const ruled = policy({ mode: 'observe', modes: [{ when: support, mode: 'on' }] });
  const by = (labels: Readonly<Record<string, string>>, given = ruled) =>
    decide(routed, situation(0.1, { snapshot: snapshot({ key: { name: 'k', labels } }) }), given);

  test('applies to those keys; the policy’s own applies to all others', () => {
    expect(by({ team: 'support' })).toMatchObject({
      policy: { mode: 'on' },
      targets: [{ tier: 'small' }, {}],
    });
    expect(by({ team: 'sales' })).toMatchObject({
      policy: { mode: 'observe' },
      targets: [{ tier: 'large' }, {}],
      onlyWatches: true,
    });
  });

  test('is the first that matches; a key without the label does not', () => {
    const modes = [
      { when: broken, mode: 'off' as const },
      { when: support, mode: { canary: 1 } },
      { when: support, mode: 'off' as const },
    ];
    expect(by({ team: 'support' }, policy({ modes })).policy.mode).toBe('canary');
    expect(by({}, policy({ modes })).policy.mode).toBe('on');
  });

  test('restores nothing that a constraint removed', () => {
    const held = policy({ modes: [{ when: support, mode: 'off' }], constraints: [staysLocal] });
    const decision = by({ team: 'support' }, held);
    expect(decision.policy.mode).toBe('off');
    expect(upstreams(decision)).toEqual(['local']);
  });
});

describe('a shadow', () => {
  const mode = { shadow: 0.5 };
  const drawn = (draw: number, over: Partial<Snapshot> = {}) =>
    situation(0.1, { snapshot: snapshot({ draw, ...over }) });

  test('is the other tier, while the large one answers', () => {
    const decision = decide(routed, drawn(0.2), policy({ mode }));
    expect(decision).toMatchObject({
      wanted: 'small',
      targets: [{ tier: 'large' }, { tier: 'small' }],
      shadow: { tier: 'small', upstream: 'local' },
      onlyWatches: true,
    });
  });

  test('is asked for the stated share of requests only', () => {
    expect(decide(routed, drawn(0.5), policy({ mode })).shadow).toBeUndefined();
    expect(decide(routed, situation(0.1), policy({ mode })).shadow).toBeUndefined();
  });

  test('is not sent to an unhealthy upstream', () => {
    const upstreamsNow = {
      local: upstreamState('local', { healthy: false }),
      cloud: upstreamState('cloud'),
    };
    const decision = decide(routed, drawn(0, { upstreams: upstreamsNow }), policy({ mode }));
    expect(decision.shadow).toBeUndefined();
  });

  test('is absent if the caller chose the target, or the operation is not evaluated', () => {
    const ruled = policy({ mode: { shadow: 1 } });
    expect(decide({ kind: 'tier', tier: 'large' }, drawn(0), ruled).shadow).toBeUndefined();
    const embedding = { ...drawn(0), facts: facts({ operation: 'embeddings' }) };
    expect(decide(routed, embedding, ruled).shadow).toBeUndefined();
  });
});

test('an explanation says that the policy only observes, and what it would have done', () => {
  const decided = drawnDecision();
  const told = outline({
    decision: decided,
    readings: {},
    facts: facts(),
    threshold: policy().threshold,
  });
  expect(told).toMatchObject({ tier: 'large', wanted: 'small', onlyWatches: true });
  expect(formatExplanation(told)).toContain(
    'it would have asked the small tier, but only looks on here',
  );
  expect(formatExplanation(told)).toContain('shadow      local/slm, in the background');
});

const drawnDecision = (): Decision =>
  decide(
    routed,
    situation(0.1, { snapshot: snapshot({ draw: 0 }) }),
    policy({ mode: { shadow: 1 } }),
  );
