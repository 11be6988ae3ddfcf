/** Arbitrary requests, policies and gateway states: see `residency-world.ts`. */
import fc from 'fast-check';
import type { Call } from '../../src/core/call.ts';
import type { AttemptCause } from '../../src/core/errors.ts';
import { personalKinds, type PersonalKind } from '../../src/core/masking.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Capability } from '../../src/core/signal.ts';
import { anyPolicy } from './arbitrary-situation.ts';
import type { Brittleness } from './brittle-upstream.ts';
import { when } from './policy.ts';
import { anyCallDraft, callOf } from './residency-call.ts';

export interface ResidencyCase {
  readonly policy: Policy;
  readonly call: Call;
  /** The personal data in the call; undefined = none. */
  readonly planted: string | undefined;
  readonly signal: 'works' | 'throws' | 'rejects' | 'hangs' | 'abstains' | 'missing';
  readonly complexity: number;
  readonly local: Brittleness;
  readonly cloud: Brittleness;
  readonly has: 'both' | 'local only' | 'cloud only';
  readonly healthy: readonly string[];
  readonly boundTo: string | undefined;
  readonly hangUp: 'at once' | 'once decided' | 'in the stream' | undefined;
  readonly swap: 'policy' | 'upstreams' | undefined;
  /** What the check of small answers finds, where the policy has one. */
  readonly check: 'passes' | 'fails';
}

/** Known from the construction of the case: there is personal data, or no signal that can rule it out. */
export const mustStay = ({ planted, signal }: ResidencyCase): boolean =>
  planted !== undefined || signal !== 'works';

const CAUSES: readonly AttemptCause[] = [
  'unreachable',
  'timeout',
  'interrupted',
  'rate_limited',
  'server_error',
  'auth',
  'bad_answer',
  'not_capable',
  'context_overflow',
  'overloaded',
  'rejected',
  'aborted',
];

const NEEDED: readonly Capability[] = ['chat', 'text_completion', 'embeddings', 'tools'];
const ABILITIES: readonly Capability[] = [...NEEDED, 'responses', 'stored_state', 'vision'];

const brittle: fc.Arbitrary<Brittleness> = fc
  .record({
    fails: fc.option(fc.constantFrom(...CAUSES, 'bug' as const), { nil: undefined }),
    breaksAt: fc.option(fc.nat(3), { nil: undefined, freq: 2 }),
    able: fc.oneof(fc.constant([...ABILITIES]), fc.subarray([...ABILITIES])),
    contextTokens: fc.constantFrom({}, {}, { contextTokens: 64 }, { contextTokens: 100_000 }),
  })
  .map(({ able, contextTokens, ...failing }) => {
    const facts = Object.assign({ capabilities: new Set(able) }, contextTokens);
    return Object.assign(failing, { facts });
  });

const POLICY_OF_CASE = when('signals.pii >= 0.5', ({ readings }) => {
  const reading = readings['pii'];
  if (reading?.kind !== 'score') throw new Error('absent');
  return reading.score >= 0.5;
});

/** Small answers are checked, replaced, kept or refused, and audited. */
const verify: fc.Arbitrary<NonNullable<Policy['verify']> | undefined> = fc.option(
  fc.record({
    checks: fc.constant(['refusal' as const]),
    wrongAbove: fc.constant(0.5),
    hold: fc.record({ tokens: fc.constantFrom(1, 3), ms: fc.constant(0) }),
    onFail: fc.constantFrom('escalate' as const, 'record' as const),
    onUndecided: fc.constantFrom('release' as const, 'escalate' as const),
    onKept: fc.constantFrom('give' as const, 'refuse' as const),
    afterRelease: fc.constantFrom('record' as const, 'withdraw' as const),
    maxShare: fc.constant(1),
    waitUsdPerHour: fc.constant(0),
  }),
  { nil: undefined },
);

const COLLECT = { answers: 'large', retentionDays: 30 } as const;

const AUDITS = { share: 1, usdPerDay: 1, judge: 'large' } as const;

/** Any policy with a constraint that keeps personal data local. */
const protective: fc.Arbitrary<Policy> = fc
  .record({
    any: anyPolicy,
    mode: modes(),
    isSwapped: fc.constantFrom(false, false, false, true),
    verify,
    audits: fc.constantFrom({}, { audits: AUDITS }),
  })
  .map(({ any, mode, isSwapped, verify: checked, audits }) => {
    const small = { upstream: isSwapped ? 'cloud' : 'local' };
    const large = { upstream: isSwapped ? 'local' : 'cloud' };
    const others = any.constraints.filter(({ name }) => name !== 'pii-stays-local');
    const stays = { name: 'stays', when: POLICY_OF_CASE, require: { locality: 'local' as const } };
    const constraints = [...others, stays];
    const checking = checked === undefined ? {} : { verify: checked };
    return Object.assign({}, any, checking, audits, {
      mode,
      targets: { small, large },
      constraints,
    });
  });

function modes(): fc.Arbitrary<Policy['mode']> {
  return fc.constantFrom<Policy['mode']>(
    'off',
    'observe',
    'on',
    'on',
    { canary: 0.5 },
    { shadow: 0.5 },
    { shadow: 1 },
  );
}

const REDACTIONS: readonly (readonly PersonalKind[])[] = [
  personalKinds,
  personalKinds,
  ['email'],
  ['card', 'phone', 'iban'],
];

/** The same, for policies that allow masked personal data to be sent. */
export const anyMaskedCase = (): fc.Arbitrary<ResidencyCase> =>
  fc.tuple(anyCase, fc.constantFrom(...REDACTIONS)).map(([one, redact]) => {
    const constraints = one.policy.constraints.map((constraint) =>
      constraint.name === 'stays' ? Object.assign({}, constraint, { redact }) : constraint,
    );
    return Object.assign({}, one, { policy: Object.assign({}, one.policy, { constraints }) });
  });

export const anyCase: fc.Arbitrary<ResidencyCase> = fc
  .record({
    policy: protective,
    draft: anyCallDraft,
    // A signal that hangs takes its whole deadline, so it is rare.
    signal: fc.oneof(
      { weight: 60, arbitrary: fc.constant('works' as const) },
      {
        weight: 20,
        arbitrary: fc.constantFrom(
          'throws' as const,
          'rejects' as const,
          'abstains' as const,
          'missing' as const,
        ),
      },
      { weight: 1, arbitrary: fc.constant('hangs' as const) },
    ),
    check: fc.constantFrom('passes' as const, 'fails' as const),
    complexity: fc.constantFrom(0, 0.3, 0.7, 1),
    local: brittle,
    cloud: brittle,
    has: fc.constantFrom(
      'both' as const,
      'both' as const,
      'local only' as const,
      'cloud only' as const,
    ),
    healthy: fc.subarray(['local', 'cloud']),
    boundTo: fc.constantFrom(undefined, undefined, 'cloud', 'local'),
    hangUp: fc.constantFrom(
      undefined,
      undefined,
      undefined,
      'at once' as const,
      'once decided' as const,
      'in the stream' as const,
    ),
    swap: fc.constantFrom(undefined, undefined, 'policy' as const, 'upstreams' as const),
  })
  .map(({ draft: drafted, ...rest }) =>
    Object.assign(rest, { planted: drafted.planted, call: callOf(drafted) }),
  );

/** Under a policy that collects, with a large model that answers: conversations that may be written for distillation, and such as may not. */
export const anyCollectedCase = (): fc.Arbitrary<ResidencyCase> =>
  fc.oneof(anyCase, anyMaskedCase()).map((one) => {
    const facts = { capabilities: new Set(ABILITIES) };
    const works = { fails: undefined, breaksAt: undefined, facts };
    return Object.assign({}, one, {
      policy: Object.assign({}, one.policy, { rules: [], collect: COLLECT }),
      local: works,
      cloud: works,
      has: 'both',
      healthy: ['local', 'cloud'],
      boundTo: undefined,
    });
  });

/** Models that work, and a policy that checks, replaces and audits what the small one says. */
export const anyCheckedCase: fc.Arbitrary<ResidencyCase> = fc
  .tuple(anyCase, verify)
  .map(([one, checked]) => {
    const able = { fails: undefined, breaksAt: undefined };
    const facts = { capabilities: new Set(ABILITIES) };
    const works = Object.assign({}, able, { facts });
    const policy = Object.assign({}, one.policy, { mode: 'on', rules: [], audits: AUDITS });
    return Object.assign({}, one, {
      policy: checked === undefined ? policy : Object.assign(policy, { verify: checked }),
      complexity: 0,
      local: works,
      cloud: works,
      has: 'both',
      healthy: ['local', 'cloud'],
      boundTo: undefined,
      hangUp: undefined,
      swap: undefined,
    });
  });
