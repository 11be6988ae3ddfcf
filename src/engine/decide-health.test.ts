import { expect, test } from 'vitest';
import { policy, situation, snapshot, upstreamState } from '../../test/support/policy.ts';
import type { Decision } from '../core/decision.ts';
import { decide } from './decide.ts';

const upstreams = (decision: Decision): readonly string[] =>
  decision.kind === 'route' ? decision.targets.map(({ upstream }) => upstream) : [];

test('a sick model does not take the other models of its upstream with it', () => {
  const sick = snapshot({
    upstreams: {
      local: upstreamState('local'),
      cloud: upstreamState('cloud', { healthy: false, unhealthyModels: ['big'] }),
    },
  });
  const targets = (largeModel: string) =>
    upstreams(decide({ kind: 'routed', largeModel }, situation(1, { snapshot: sick }), policy()));
  expect(targets('big')).toEqual(['local', 'cloud']);
  expect(targets('other')).toEqual(['cloud', 'local']);
});
