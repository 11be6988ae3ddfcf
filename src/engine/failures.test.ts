import { expect, test } from 'vitest';
import type { Decision, Target } from '../core/decision.ts';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import { policy, situation } from '../../test/support/policy.ts';
import { decide } from './decide.ts';
import { hungUp, isUnknown, isWorthAnother, stoppedBy } from './failures.ts';

const small: Target = { tier: 'small', upstream: 'local', model: 'slm', locality: 'local' };
const large: Target = { tier: 'large', upstream: 'cloud', model: 'big', locality: 'cloud' };
const decided = (change: Partial<Decision> = {}): Decision =>
  ({ ...decide({ kind: 'routed' }, situation(0.1), policy()), ...change }) as Decision;
const auth = new UpstreamError('auth', 'a wrong key', { status: 401 });

test('what was not sent for want of money may be answered by what is free', () => {
  for (const code of ['policy_budget_exceeded', 'gateway_ledger_unavailable'] as const)
    expect(isWorthAnother(new GatewayError(code, 'no'), large, decided())).toBe(true);
  expect(isWorthAnother(new GatewayError('policy_refused', 'no'), large, decided())).toBe(false);
  expect(isWorthAnother(new Error('a bug'), large, decided())).toBe(false);
});

test('a sick upstream is worth another, a wrong request is not', () => {
  expect(isWorthAnother(new UpstreamError('server_error', 'no'), small, decided())).toBe(true);
  expect(isWorthAnother(new UpstreamError('rejected', 'no'), small, decided())).toBe(false);
});

test('our own wrong key is shown, unless the policy wants it covered or it is the other tier’s', () => {
  expect(isWorthAnother(auth, small, decided({ wanted: 'small' }))).toBe(false);
  expect(isWorthAnother(auth, large, decided({ wanted: 'small' }))).toBe(true);
  const covered = decided({ wanted: 'small', credentialFallback: true });
  expect(isWorthAnother(auth, small, covered)).toBe(true);
});

test('where the policy only watches, the large tier is the one that is meant', () => {
  const watching = decided({ wanted: 'small', onlyWatches: true });
  expect(isWorthAnother(auth, large, watching)).toBe(false);
  expect(isWorthAnother(auth, small, watching)).toBe(true);
});

test('only what was sent and got no status may still be under way', () => {
  expect(isUnknown(new UpstreamError('timeout', 'no'))).toBe(true);
  expect(isUnknown(new UpstreamError('interrupted', 'no'))).toBe(true);
  expect(isUnknown(new UpstreamError('timeout', 'no', { status: 504 }))).toBe(false);
  expect(isUnknown(new UpstreamError('unreachable', 'no'))).toBe(false);
  expect(isUnknown(new Error('no'))).toBe(false);
});

test('a stop says why in its signal; without a reason of ours the caller hung up', () => {
  const limit = new GatewayError('gateway_draining', 'soon gone');
  const cause = new Error('closed');
  expect(stoppedBy(AbortSignal.abort(limit), cause)).toBe(limit);
  expect(stoppedBy(AbortSignal.abort(), cause)).toMatchObject({ code: 'caller_hung_up', cause });
  expect(hungUp(cause)).toMatchObject({ code: 'caller_hung_up', cause });
});
