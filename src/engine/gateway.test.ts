import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { handle } from '../../test/support/handle.ts';
import { fakeUpstream, type FakeUpstream } from '../../test/support/fake-upstream.ts';
import { policy, snapshot, upstreamState, when } from '../../test/support/policy.ts';
import type { Accountant } from '../core/accounting.ts';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import { isObject } from '../lib/json.ts';
import type { Policy } from '../core/policy.ts';
import type { Usage, UsageRecord } from '../core/record.ts';
import { score } from '../core/signal.ts';
import { createGateway, type GatewayParts } from './gateway.ts';

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
  readonly snapshot?: GatewayParts['snapshot'];
  readonly shared?: GatewayParts['shared'];
}

function start({ complexity = 0, ...setup }: Setup = {}) {
  const local = setup.local ?? fakeUpstream('local');
  const cloud = setup.cloud ?? fakeUpstream('cloud');
  const records: UsageRecord[] = [];
  const attempts: string[] = [];
  const signal = { name: 'complexity', about: '', evaluate: () => score(complexity, 'given') };
  const gateway = createGateway({
    activePolicy: () => ({ policy: policy(setup.policy), signals: [signal] }),
    names: {
      intercepts: (model) => model === 'gpt-4o',
      hasTarget: (upstream) => upstream === 'local' || upstream === 'cloud',
      upstreamOf: () => undefined,
    },
    shared: setup.shared ?? (() => ({ spentShare: 0 })),
    snapshot:
      setup.snapshot ??
      (() =>
        snapshot({ upstreams: { local: upstreamState('local'), cloud: upstreamState('cloud') } })),
    conversations: { get: () => undefined, remember: () => {} },
    publish: (record) => records.push(record),
    upstreams: new Map([
      ['local', local],
      ['cloud', cloud],
    ]),
    accountant,
    observer: {
      started: ({ upstream }) => attempts.push(`+${upstream}`),
      ended: ({ upstream, outcome }) => attempts.push(`-${upstream} ${outcome}`),
    },
    nowMs: () => 1,
  });
  return { gateway, records, attempts, local, cloud };
}

const down = new UpstreamError('server_error', 'boom', { status: 500 });

async function drain(events: AsyncIterator<unknown>): Promise<number> {
  let count = 0;
  for (let step = await events.next(); step.done !== true; step = await events.next()) count += 1;
  return count;
}

describe('a whole answer', () => {
  test('an easy request is answered by the small model and leaves one record', async () => {
    const { gateway, records, local, cloud } = start();
    const { target } = await handle(gateway, call());
    expect([target.tier, local.seen.asked, cloud.seen.asked]).toEqual(['small', 1, 0]);
    expect(records).toMatchObject([
      { outcome: 'answered', status: 200, attempts: [{ outcome: 'ok' }], baselineNanoUsd: 42 },
    ]);
  });

  test('a failure moves on to the next target, and both attempts are on the record', async () => {
    const { gateway, records, attempts } = start({ local: fakeUpstream('local', { fails: down }) });
    const { target } = await handle(gateway, call());
    expect(target.upstream).toBe('cloud');
    expect(records[0]).toMatchObject({
      degraded: 'local-server_error',
      attempts: [{ outcome: 'failed', cause: 'server_error', status: 500 }, { outcome: 'ok' }],
    });
    expect(attempts).toEqual(['+local', '-local failed', '+cloud', '-cloud ok']);
  });

  test('a request error from the upstream goes to the caller, not to another target', async () => {
    const rejected = new UpstreamError('rejected', 'bad temperature', { status: 400 });
    const { gateway, cloud } = start({ local: fakeUpstream('local', { fails: rejected }) });
    await expect(handle(gateway, call())).rejects.toBe(rejected);
    expect(cloud.seen.asked).toBe(0);
  });

  test('when none answers the caller receives the failure of the preferred target', async () => {
    const other = new UpstreamError('timeout', 'slow');
    const { gateway, records } = start({
      local: fakeUpstream('local', { fails: down }),
      cloud: fakeUpstream('cloud', { fails: other }),
    });
    await expect(handle(gateway, call())).rejects.toBe(down);
    expect(records).toMatchObject([
      { outcome: 'failed', status: 500, errorCode: 'upstream_error' },
    ]);
  });

  test('an intercepted model name goes to the large model when the request is hard', async () => {
    const { gateway, cloud } = start({ complexity: 1 });
    await handle(gateway, call({ requestedModel: 'gpt-4o' }));
    expect(cloud.seen.models).toEqual(['gpt-4o']);
  });
});

describe('refusals', () => {
  const constraints = [
    { name: 'home', when: when('true', () => true), require: { locality: 'local' as const } },
  ];

  test('a local-only request that the local model fails is never sent to the cloud', async () => {
    const { gateway, cloud, records } = start({
      local: fakeUpstream('local', { fails: down }),
      policy: { constraints },
    });
    await expect(handle(gateway, call())).rejects.toBe(down);
    expect(cloud.seen.asked).toBe(0);
    expect(records).toHaveLength(1);
  });

  test('an unknown model is 404 with the code SDKs look for, and recorded', async () => {
    const { gateway, records } = start();
    const error = await handle(gateway, call({ requestedModel: 'nope' })).catch((e) => e);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ status: 404, wireCode: 'model_not_found' });
    expect(records).toMatchObject([{ outcome: 'failed', errorCode: 'caller_unknown_model' }]);
  });

  test('a key that may not choose gets an error that says so', async () => {
    const { gateway } = start();
    const caller = { name: 'bot', labels: {}, mayOverride: false };
    await expect(handle(gateway, call({ caller, override: 'large' }))).rejects.toMatchObject({
      code: 'caller_forbidden',
    });
  });
});

describe('a stream', () => {
  test('is recorded once, when it ends', async () => {
    const { gateway, records } = start();
    const { answer } = await handle(gateway, call({ stream: true }));
    if (answer.kind !== 'stream') throw new Error(answer.kind);
    expect(records).toEqual([]);
    expect(await drain(answer.events)).toBe(5);
    expect(records).toMatchObject([
      { outcome: 'answered', attempts: [{ usage: { outputTokens: 1 } }] },
    ]);
  });

  test('that fails before its first event moves on', async () => {
    const { gateway } = start({ local: fakeUpstream('local', { fails: down }) });
    expect((await handle(gateway, call({ stream: true }))).target.upstream).toBe('cloud');
  });

  test('that breaks after its first event fails, keeps its output on the record, and is not retried', async () => {
    const breaks = new UpstreamError('interrupted', 'gone');
    const { gateway, records, cloud } = start({ local: fakeUpstream('local', { breaks }) });
    const { answer } = await handle(gateway, call({ stream: true }));
    if (answer.kind !== 'stream') throw new Error(answer.kind);
    await expect(drain(answer.events)).rejects.toBe(breaks);
    expect(cloud.seen.asked).toBe(0);
    expect(records).toMatchObject([
      { outcome: 'failed', attempts: [{ outcome: 'failed', usage: { outputTokens: 1 } }] },
    ]);
  });

  test.each(['before the first read', 'after it'])(
    'that is left %s stops the upstream and is recorded as hung up',
    async (moment) => {
      const { gateway, records, local } = start();
      const { answer } = await handle(gateway, call({ stream: true }));
      if (answer.kind !== 'stream') throw new Error(answer.kind);
      if (moment === 'after it') await answer.events.next();
      await answer.events.return?.();
      expect(local.seen.closed).toBe(1);
      expect(records).toMatchObject([
        { outcome: 'aborted', status: 499, attempts: [{ outcome: 'aborted' }] },
      ]);
    },
  );
});

describe('a routed request', () => {
  test('has its decision before any upstream is asked', async () => {
    const { gateway, local, records } = start();
    const { decision } = await gateway.route(call());
    expect(decision).toMatchObject({ kind: 'route', targets: [{ upstream: 'local' }, {}] });
    expect([local.seen.asked, records.length]).toEqual([0, 0]);
  });

  test('that is refused has the refusal as its decision, and is recorded when it is answered', async () => {
    const constraints = [
      { name: 'home', when: when('true', () => true), require: { locality: 'local' as const } },
    ];
    const { gateway, records } = start({ policy: { constraints } });
    const routed = await gateway.route(call({ requestedModel: 'cloud/gpt-4o' }));
    expect([routed.decision.kind, records.length]).toEqual(['refuse', 0]);
    const never = new AbortController().signal;
    await expect(routed.answer(never)).rejects.toMatchObject({ code: 'policy_residency' });
    expect(records).toMatchObject([{ outcome: 'refused', decision: { kind: 'refuse' } }]);
  });

  test('whose caller has hung up ends at once, recorded as such', async () => {
    const gone = new UpstreamError('aborted', 'left');
    const { gateway, records } = start({ local: fakeUpstream('local', { fails: gone }) });
    const routed = await gateway.route(call());
    await expect(routed.answer(AbortSignal.abort())).rejects.toMatchObject({
      code: 'caller_hung_up',
    });
    expect(records).toMatchObject([
      { outcome: 'aborted', status: 499, attempts: [{ upstream: 'local', outcome: 'aborted' }] },
    ]);
  });

  test('that cannot be decided is recorded with what was known', async () => {
    const broken = new Error('no state');
    const { gateway, records } = start({
      snapshot: () => {
        throw broken;
      },
    });
    await expect(gateway.route(call())).rejects.toBe(broken);
    expect(records).toMatchObject([
      { outcome: 'failed', status: 500, readings: { complexity: { kind: 'score' } }, attempts: [] },
    ]);
    expect(records[0]).not.toHaveProperty('decision');
    expect(records[0]?.facts.turns).toBe(1);
  });
});

describe('state that is shared with other processes', () => {
  test('is awaited, and local state is read in one step with the decision', async () => {
    const order: string[] = [];
    const { gateway } = start({
      shared: () => new Promise((resolve) => void setImmediate(resolve, { spentShare: 0.75 })),
      snapshot: (_, { spentShare }) => {
        order.push(`read ${spentShare}`);
        // Other queued work must not run between the reading and the decision.
        queueMicrotask(() => order.push('another request'));
        return snapshot();
      },
      policy: {
        constraints: [
          {
            name: 'watched',
            when: when('true', () => order.push('decide') === 0),
            require: { locality: 'local' },
          },
        ],
      },
    });
    await gateway.judge(call());
    const read = order.indexOf('read 0.75');
    expect(order.slice(read, read + 3)).toEqual(['read 0.75', 'decide', 'another request']);
  });

  test('that is refused is recorded with what was known', async () => {
    const refusal = new GatewayError('caller_invalid', 'no such response');
    const { gateway, records } = start({ shared: () => Promise.reject(refusal) });
    await expect(gateway.route(call())).rejects.toBe(refusal);
    expect(records).toMatchObject([
      { outcome: 'failed', status: 400, errorCode: 'caller_invalid', attempts: [] },
    ]);
  });
});
