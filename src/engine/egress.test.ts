import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import type { Target } from '../core/decision.ts';
import type { Upstream } from '../core/upstream.ts';
import { decide } from './decide.ts';
import { send } from './egress.ts';
import { policy, situation } from '../../test/support/policy.ts';

const abort = new AbortController().signal;
const decided = decide({ kind: 'tier', tier: 'small' }, situation(0), policy());
if (decided.kind !== 'route') throw new Error('the request of this test can be answered');
const small: Target = decided.targets[0];

function upstreamPair() {
  const local = fakeUpstream('local');
  const cloud = fakeUpstream('cloud');
  return {
    local,
    cloud,
    upstreams: new Map<string, Upstream>([local, cloud].map((one) => [one.name, one])),
  };
}

const request = { call: call(), model: 'slm' };

test('a target of the decision is asked', async () => {
  const { local, upstreams } = upstreamPair();
  await send(request, small, decided, { upstreams, abort });
  expect(local.seen.asked).toBe(1);
});

test.each<[string, Target]>([
  ['another upstream', { tier: 'large', upstream: 'cloud', model: 'big', locality: 'cloud' }],
  ['what only looks like a target of the decision', { ...small }],
])('%s is not asked', (_, target) => {
  const { local, cloud, upstreams } = upstreamPair();
  expect(() => send(request, target, decided, { upstreams, abort })).toThrow(/nothing was sent/);
  expect(local.seen.asked + cloud.seen.asked).toBe(0);
});

test('an upstream whose locality changed after the decision is not asked', () => {
  const { cloud } = upstreamPair();
  const upstreams = new Map([['local', cloud]]);
  expect(() => send(request, small, decided, { upstreams, abort })).toThrow(/nothing was sent/);
  expect(cloud.seen.asked).toBe(0);
});

test('a request to be masked is not sent to an upstream that does not mask, and sent masked to others', async () => {
  const { local, cloud, upstreams } = upstreamPair();
  const large = decide({ kind: 'tier', tier: 'large' }, situation(0), policy());
  if (large.kind !== 'route') throw new Error('the request of this test can be answered');
  const decision = { ...large, redact: ['email'] as const };
  const [first, second] = decision.targets;
  expect(() => send(request, first, decision, { upstreams, abort })).toThrow(/nothing was sent/);
  expect(cloud.seen.asked).toBe(0);
  const got: unknown[] = [];
  const masking = fakeUpstream('cloud');
  upstreams.set('cloud', {
    ...masking,
    masks: true,
    send: (asked, signal) => {
      got.push(asked.redact);
      return masking.send(asked, signal);
    },
  });
  await send(request, first, decision, { upstreams, abort });
  expect(got).toEqual([['email']]);
  // The local upstream receives the original text.
  await send(request, second!, decision, { upstreams, abort });
  expect(local.seen.asked).toBe(1);
});
