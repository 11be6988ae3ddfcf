/** A gateway of fakes: no HTTP, no clock, no store. */
import type { Accountant } from '../../src/core/accounting.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Usage, UsageRecord } from '../../src/core/record.ts';
import { score } from '../../src/core/signal.ts';
import type { Verifier } from '../../src/core/verify.ts';
import { createGateway, type GatewayParts } from '../../src/engine/gateway.ts';
import { isObject } from '../../src/lib/json.ts';
import { fakeUpstream, type FakeUpstream } from './fake-upstream.ts';
import { freeOfCharge } from './free-of-charge.ts';
import { policy, snapshot, upstreamState } from './policy.ts';

/** Counts one token a content event: enough to show that output is accounted. */
const accountant: Accountant = {
  watch: () => {
    let outputTokens = 0;
    const usage = (): Usage => ({
      inputTokens: 10,
      cachedInputTokens: 0,
      outputTokens,
      reasoningTokens: 0,
      source: 'counted',
    });
    return {
      observe: (body) => {
        const choices = body['choices'];
        const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
        const said = isObject(choice) ? (choice['delta'] ?? choice['message']) : undefined;
        if (isObject(said) && typeof said['content'] === 'string' && said['content'] !== '') {
          outputTokens += 1;
        }
      },
      observeText: () => void (outputTokens += 1),
      hasContent: () => outputTokens > 0,
      answeredModel: () => 'answered',
      usage,
      countUsage: usage,
    };
  },
  price: () => ({ cost: null, energy: null }),
  baseline: () => 42,
};

interface Setup {
  readonly local?: FakeUpstream;
  readonly cloud?: FakeUpstream;
  readonly complexity?: number;
  readonly policy?: Partial<Policy>;
  /** In place of that one, always the same. */
  readonly activePolicy?: GatewayParts['activePolicy'];
  readonly snapshot?: GatewayParts['snapshot'];
  readonly shared?: GatewayParts['shared'];
  readonly observer?: GatewayParts['observer'];
  readonly payments?: GatewayParts['payments'];
  /** In place of what is given here. */
  readonly more?: Partial<GatewayParts>;
  readonly verifier?: Verifier;
}

export function startFakeGateway({ complexity = 0, ...setup }: Setup = {}) {
  const local = setup.local ?? fakeUpstream('local');
  const cloud = setup.cloud ?? fakeUpstream('cloud');
  const records: UsageRecord[] = [];
  const attempts: string[] = [];
  const signal = { name: 'complexity', about: '', evaluate: () => score(complexity, 'given') };
  const active = { policy: policy(setup.policy), signals: [signal] };
  const gateway = createGateway({
    activePolicy: setup.activePolicy ?? (() => active),
    policyInForce: () => active.policy,
    names: {
      intercepts: (model) => model === 'gpt-4o',
      hasTarget: (upstream) => upstream === 'local' || upstream === 'cloud',
      upstreamOf: () => undefined,
      listed: () => [],
    },
    shared: setup.shared ?? (() => ({})),
    snapshot:
      setup.snapshot ??
      (() =>
        snapshot({ upstreams: { local: upstreamState('local'), cloud: upstreamState('cloud') } })),
    payments: setup.payments ?? freeOfCharge,
    conversations: { get: () => undefined, remember: () => {} },
    publish: (record) => records.push(record),
    upstreams: new Map([
      ['local', local],
      ['cloud', cloud],
    ]),
    accountant,
    observer: setup.observer ?? {
      started: ({ upstream }) => attempts.push(`+${upstream}`),
      ended: ({ upstream, outcome }) => attempts.push(`-${upstream} ${outcome}`),
    },
    nowMs: () => 1,
    ...(setup.verifier === undefined ? {} : { verifier: setup.verifier }),
    ...setup.more,
  });
  return { gateway, records, attempts, local, cloud };
}
