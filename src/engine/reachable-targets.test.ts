import { expect, test } from 'vitest';
import {
  facts,
  policy,
  routed,
  situation,
  snapshot,
  upstreamsOf,
  upstreamState,
  when,
} from '../../test/support/policy.ts';
import type { ModelSelector, Snapshot, UpstreamState } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import { capabilities, type Capability } from '../core/signal.ts';
import { decide } from './decide.ts';

const OFFERED: readonly Capability[] = ['responses', 'tools', 'web_search'];
const small: ModelSelector = { kind: 'tier', tier: 'small' };
const stays: Partial<Policy> = {
  constraints: [{ name: 'private', when: when('pii', () => true), require: { locality: 'local' } }],
};

interface Given {
  readonly ask?: ModelSelector;
  readonly policy?: Partial<Policy>;
  readonly needs?: readonly Capability[];
  readonly cloud?: Partial<UpstreamState>;
  readonly local?: Partial<UpstreamState>;
  readonly snapshot?: Partial<Snapshot>;
}

/** Who is asked, of a server here that has no search and a cloud that has one. */
function asked(given: Given) {
  const { ask = routed, needs = OFFERED, cloud = {}, local = {} } = given;
  const upstreams = {
    local: upstreamState('local', local),
    cloud: upstreamState('cloud', { capabilities: new Set(capabilities), ...cloud }),
  };
  const decision = decide(
    ask,
    situation(0.1, {
      facts: facts({ operation: 'responses', needs }),
      snapshot: snapshot({ upstreams, ...given.snapshot }),
    }),
    policy(given.policy),
  );
  return decision.kind === 'route' ? upstreamsOf(decision) : decision.code;
}

test('an easy request that offers a search goes to who has one', () => {
  expect(asked({})).toEqual(['cloud']);
  expect(asked({ needs: ['responses', 'tools'] })).toEqual(['local', 'cloud']);
});

test.each<[string, Given]>([
  ['the caller asked for the small model', { ask: small }],
  [
    'the caller asked for a model without one',
    { ask: { kind: 'pinned', upstream: 'local', model: 'slm' } },
  ],
  ['the request must stay here', { policy: stays }],
  [
    'its key may use nothing else',
    { snapshot: { key: { name: 'k', labels: {}, residency: 'local' } } },
  ],
  ['no cloud is configured', { cloud: { configured: false } }],
  ['nobody has one', { cloud: { capabilities: new Set(['responses', 'tools']), isShut: true } }],
])('where %s, it is asked without the search', (_why, given) => {
  expect(asked(given)).toEqual(['local']);
});

test.each<[string, Given, string]>([
  ['who has it fails for a while', { cloud: { isShut: true } }, 'upstream_unavailable'],
  ['it is all there is', { ask: small, needs: ['responses', 'web_search'] }, 'policy_not_capable'],
  ['it may be demanded', { ask: small, needs: [...OFFERED, 'tool_choice'] }, 'policy_not_capable'],
  ['more is missing', { ask: small, needs: [...OFFERED, 'vision'] }, 'policy_not_capable'],
  [
    'the model that was asked for fails',
    { ask: small, local: { isShut: true } },
    'upstream_unavailable',
  ],
])('nobody is asked without it where %s', (_why, given, code) => {
  expect(asked(given)).toBe(code);
});

test.each([{}, { isCap: true }] as const)('money that comes again is waited for (%j)', (cap) => {
  const unaffordable = [
    {
      upstream: 'cloud',
      model: 'big',
      budget: 'team',
      reason: 'spent',
      code: 'policy_budget_exceeded' as const,
      ...cap,
    },
  ];
  expect(asked({ snapshot: { budget: { spentShare: 1, unaffordable } } })).toBe(
    'policy_budget_exceeded',
  );
});
