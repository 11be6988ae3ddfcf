import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { fakeUpstream, type FakeUpstream } from '../../test/support/fake-upstream.ts';
import { policy, snapshot, upstreamState, when } from '../../test/support/policy.ts';
import type { Accountant } from '../core/accounting.ts';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import { isObject } from '../lib/json.ts';
import type { Policy } from '../core/policy.ts';
import type { Usage, UsageRecord } from '../core/record.ts';
import { score } from '../core/signal.ts';
import { createGateway } from './gateway.ts';

/** Counts one token a content event: enough to see that what was produced is accounted. */
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
    snapshot: () =>
      snapshot({ upstreams: { local: upstreamState('local'), cloud: upstreamState('cloud') } }),
    threads: { get: () => undefined, remember: () => {} },
    publish: (record) => records.push(record),
    upstreams: new Map([
      ['local', local],
      ['cloud', cloud],
    ]),
    accountant,
    observer: {
      started: (name) => attempts.push(`+${name}`),
      ended: ({ upstream, outcome }) => attempts.push(`-${upstream} ${outcome}`),
    },
    nowMs: () => 1,
  });
  return { gateway, records, attempts, local, cloud };
}

const never = new AbortController().signal;
const down = new UpstreamError('server_error', 'boom', { status: 500 });

async function drain(events: AsyncIterator<unknown>): Promise<number> {
  let count = 0;
  for (let step = await events.next(); step.done !== true; step = await events.next()) count += 1;
  return count;
}

describe('a whole answer', () => {
  test('an easy request is answered by the small model and leaves one record', async () => {
    const { gateway, records, local, cloud } = start();
    const { target } = await gateway.handle(call(), never);
    expect([target.tier, local.seen.asked, cloud.seen.asked]).toEqual(['small', 1, 0]);
    expect(records).toMatchObject([
      { outcome: 'answered', status: 200, attempts: [{ outcome: 'ok' }], baselineNanoUsd: 42 },
    ]);
  });

  test('a failure moves on to the next target, and both attempts are on the record', async () => {
    const { gateway, records, attempts } = start({ local: fakeUpstream('local', { fails: down }) });
    const { target } = await gateway.handle(call(), never);
    expect(target.upstream).toBe('cloud');
    expect(records[0]).toMatchObject({
      degraded: 'local-server_error',
      attempts: [{ outcome: 'failed', cause: 'server_error', status: 500 }, { outcome: 'ok' }],
    });
    expect(attempts).toEqual(['+local', '-local failed', '+cloud', '-cloud ok']);
  });

  test("what the upstream finds wrong with the request is the caller's to hear, not another target's", async () => {
    const rejected = new UpstreamError('rejected', 'bad temperature', { status: 400 });
    const { gateway, cloud } = start({ local: fakeUpstream('local', { fails: rejected }) });
    await expect(gateway.handle(call(), never)).rejects.toBe(rejected);
    expect(cloud.seen.asked).toBe(0);
  });

  test('when none answers the caller hears of the one that was wanted', async () => {
    const other = new UpstreamError('timeout', 'slow');
    const { gateway, records } = start({
      local: fakeUpstream('local', { fails: down }),
      cloud: fakeUpstream('cloud', { fails: other }),
    });
    await expect(gateway.handle(call(), never)).rejects.toBe(down);
    expect(records).toMatchObject([
      { outcome: 'failed', status: 500, errorCode: 'upstream_error' },
    ]);
  });

  test('a name that existing code uses is the large model when it is hard', async () => {
    const { gateway, cloud } = start({ complexity: 1 });
    await gateway.handle(call({ requestedModel: 'gpt-4o' }), never);
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
    await expect(gateway.handle(call(), never)).rejects.toBe(down);
    expect(cloud.seen.asked).toBe(0);
    expect(records).toHaveLength(1);
  });

  test('an unknown model is 404 in the words SDKs look for, and recorded', async () => {
    const { gateway, records } = start();
    const error = await gateway.handle(call({ requestedModel: 'nope' }), never).catch((e) => e);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ status: 404, wireCode: 'model_not_found' });
    expect(records).toMatchObject([{ outcome: 'failed', errorCode: 'caller_unknown_model' }]);
  });

  test('a key without the right to choose is told so', async () => {
    const { gateway } = start();
    const caller = { name: 'bot', labels: {}, mayOverride: false };
    await expect(gateway.handle(call({ caller, override: 'large' }), never)).rejects.toMatchObject({
      code: 'caller_forbidden',
    });
  });
});

describe('a stream', () => {
  test('is recorded once, when it is over', async () => {
    const { gateway, records } = start();
    const { answer } = await gateway.handle(call({ stream: true }), never);
    if (answer.kind !== 'stream') throw new Error(answer.kind);
    expect(records).toEqual([]);
    expect(await drain(answer.events)).toBe(5);
    expect(records).toMatchObject([
      { outcome: 'answered', attempts: [{ usage: { outputTokens: 1 } }] },
    ]);
  });

  test('that fails before its first event moves on', async () => {
    const { gateway } = start({ local: fakeUpstream('local', { fails: down }) });
    expect((await gateway.handle(call({ stream: true }), never)).target.upstream).toBe('cloud');
  });

  test('that breaks after it fails, keeps what was produced on the record, and is not started again', async () => {
    const breaks = new UpstreamError('interrupted', 'gone');
    const { gateway, records, cloud } = start({ local: fakeUpstream('local', { breaks }) });
    const { answer } = await gateway.handle(call({ stream: true }), never);
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
      const { answer } = await gateway.handle(call({ stream: true }), never);
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
