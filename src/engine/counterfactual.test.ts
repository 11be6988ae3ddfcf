import { expect, test } from 'vitest';
import {
  facts,
  policy,
  routed,
  situation,
  snapshot,
  upstreamState,
  when,
} from '../../test/support/policy.ts';
import { score } from '../core/signal.ts';
import { counterfactuals } from './counterfactual.ts';

const changes = (over: Parameters<typeof counterfactuals>[0]): readonly string[] =>
  counterfactuals(over).map(({ change, to }) => `${change} → ${to}`);

test('names the complexity at which the other tier would have been asked', () => {
  expect(changes({ ask: routed, situation: situation(0.2), policy: policy() })).toContain(
    'with complexity at or above 0.50 (it was 0.20) → cloud/big',
  );
  expect(changes({ ask: routed, situation: situation(0.7), policy: policy() })).toContain(
    'with complexity below 0.50 (it was 0.70) → local/slm',
  );
});

test('names the length under which a prompt would have fitted', () => {
  const small = upstreamState('local', { contextTokens: 2048 });
  const long = situation(0.1, {
    facts: facts({ inputTokens: 5000 }),
    snapshot: snapshot({ upstreams: { local: small, cloud: upstreamState('cloud') } }),
  });
  const [first] = changes({ ask: routed, situation: long, policy: policy() });
  expect(first).toMatch(/^with fewer than 16\d\d input tokens \(it had 5000\) → local\/slm$/);
});

test('names the capability, the domain and the outage that mattered', () => {
  const able = upstreamState('local', { capabilities: new Set(['chat'] as const) });
  const needing = situation(0.1, {
    facts: facts({ needs: ['chat', 'vision'] }),
    snapshot: snapshot({ upstreams: { local: able, cloud: upstreamState('cloud') } }),
  });
  expect(changes({ ask: routed, situation: needing, policy: policy() })).toContain(
    'without needing vision → local/slm',
  );
  const domains = [{ name: 'refund', examples: [], use: 'small' as const }];
  const readings = { complexity: score(0.9, ''), domain: score(0.8, '', 'refund') };
  expect(
    changes({ ask: routed, situation: situation(0, { readings }), policy: policy({ domains }) }),
  ).toContain('if domain had not been refund → cloud/big');
  expect(changes({ ask: routed, situation: situation(0.1), policy: policy() })).toContain(
    'if local had been down → cloud/big',
  );
});

test('is empty when no single change would have helped', () => {
  const constraints = [
    { name: 'home', when: when('true', () => true), require: { locality: 'local' as const } },
  ];
  expect(
    changes({ ask: routed, situation: situation(0.9), policy: policy({ constraints }) }),
  ).toEqual([]);
});
