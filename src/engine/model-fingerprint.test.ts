import { expect, test } from 'vitest';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import type { Target } from '../core/decision.ts';
import { FingerprintObserver } from './model-fingerprint.ts';

const target: Target = { tier: 'small', upstream: 'local', model: 'slm', locality: 'local' };

/** The digest after these bodies, given the digest of the upstream's own model. */
function built(bodies: readonly object[], modelDigest?: string, model = 'slm') {
  const facts = modelDigest === undefined ? {} : { modelDigest };
  const upstreams = new Map([['local', fakeUpstream('local', { facts })]]);
  const watch = new FingerprintObserver({ ...target, model }, upstreams);
  for (const body of bodies) watch.observe({ ...body });
  return watch.digest();
}

test('is the digest of the weights, if known for the model that was asked', () => {
  const said = [{ system_fingerprint: 'fp_1' }];
  expect(built(said, 'sha256:abc')).toBe('sha256:abc');
  expect(built(said, 'sha256:abc', 'another')).toBe('fp_1');
});

test('is else the first fingerprint that the server sends', () => {
  const bodies = [{}, { system_fingerprint: null }, { system_fingerprint: 'b4567-c0ffee' }];
  expect(built([...bodies, { system_fingerprint: 'b9' }])).toBe('b4567-c0ffee');
});

test('is absent if neither is known, and never longer than a digest', () => {
  expect(built([{ system_fingerprint: '' }, {}])).toBeUndefined();
  expect(built([{ system_fingerprint: 'x'.repeat(9999) }])).toHaveLength(140);
});
