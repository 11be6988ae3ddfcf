import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { iterated } from '../../test/support/event-streams.ts';
import { startFakeGateway } from '../../test/support/fake-gateway.ts';
import { handle } from '../../test/support/handle.ts';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import { snapshot, upstreamState, when } from '../../test/support/policy.ts';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import type { EventStream } from '../core/upstream.ts';
import { readAll } from '../lib/flow.ts';
import { createHealth } from './health.ts';

const down = new UpstreamError('server_error', 'boom', { status: 500 });

async function drain(events: EventStream): Promise<number> {
  let count = 0;
  await readAll(events, () => void (count += 1));
  return count;
}

describe('a whole answer', () => {
  test('an easy request is answered by the small model and leaves one record', async () => {
    const { gateway, records, local, cloud } = startFakeGateway();
    const { target } = await handle(gateway, call());
    expect([target.tier, local.seen.asked, cloud.seen.asked]).toEqual(['small', 1, 0]);
    expect(records).toMatchObject([
      { outcome: 'answered', status: 200, attempts: [{ outcome: 'ok' }], baselineNanoUsd: 42 },
    ]);
  });

  test('a failure moves on to the next target, and both attempts are on the record', async () => {
    const { gateway, records, attempts } = startFakeGateway({
      local: fakeUpstream('local', { fails: down }),
    });
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
    const { gateway, cloud } = startFakeGateway({
      local: fakeUpstream('local', { fails: rejected }),
    });
    await expect(handle(gateway, call())).rejects.toBe(rejected);
    expect(cloud.seen.asked).toBe(0);
  });

  test('when none answers the caller receives the failure of the preferred target', async () => {
    const other = new UpstreamError('timeout', 'slow');
    const { gateway, records } = startFakeGateway({
      local: fakeUpstream('local', { fails: down }),
      cloud: fakeUpstream('cloud', { fails: other }),
    });
    await expect(handle(gateway, call())).rejects.toBe(down);
    expect(records).toMatchObject([
      { outcome: 'failed', status: 500, errorCode: 'upstream_error' },
    ]);
  });

  test('an intercepted model name goes to the large model when the request is hard', async () => {
    const { gateway, cloud } = startFakeGateway({ complexity: 1 });
    await handle(gateway, call({ requestedModel: 'gpt-4o' }));
    expect(cloud.seen.models).toEqual(['gpt-4o']);
  });
});

describe('refusals', () => {
  const constraints = [
    { name: 'home', when: when('true', () => true), require: { locality: 'local' as const } },
  ];

  test('a local-only request that the local model fails is never sent to the cloud', async () => {
    const { gateway, cloud, records } = startFakeGateway({
      local: fakeUpstream('local', { fails: down }),
      policy: { constraints },
    });
    await expect(handle(gateway, call())).rejects.toBe(down);
    expect(cloud.seen.asked).toBe(0);
    expect(records).toHaveLength(1);
  });

  test('an unknown model is 404 with the code SDKs look for, and recorded', async () => {
    const { gateway, records } = startFakeGateway();
    const error = await handle(gateway, call({ requestedModel: 'nope' })).catch((e) => e);
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ status: 404, wireCode: 'model_not_found' });
    expect(records).toMatchObject([{ outcome: 'failed', errorCode: 'caller_unknown_model' }]);
  });

  test('a key that may not choose gets an error that says so', async () => {
    const { gateway } = startFakeGateway();
    const caller = { name: 'bot', labels: {}, mayOverride: false };
    await expect(handle(gateway, call({ caller, override: 'large' }))).rejects.toMatchObject({
      code: 'caller_forbidden',
    });
  });
});

describe('a stream', () => {
  test('is recorded once, when it ends', async () => {
    const { gateway, records } = startFakeGateway();
    const { answer } = await handle(gateway, call({ stream: true }));
    if (answer.kind !== 'stream') throw new Error(answer.kind);
    expect(records).toEqual([]);
    expect(await drain(answer.events)).toBe(5);
    expect(records).toMatchObject([
      { outcome: 'answered', attempts: [{ usage: { outputTokens: 1 } }] },
    ]);
  });

  test('that fails before its first event moves on', async () => {
    const { gateway } = startFakeGateway({ local: fakeUpstream('local', { fails: down }) });
    expect((await handle(gateway, call({ stream: true }))).target.upstream).toBe('cloud');
  });

  test('that breaks after its first event fails, keeps its output on the record, and is not retried', async () => {
    const breaks = new UpstreamError('interrupted', 'gone');
    const { gateway, records, cloud } = startFakeGateway({
      local: fakeUpstream('local', { breaks }),
    });
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
      const { gateway, records, local } = startFakeGateway();
      const { answer } = await handle(gateway, call({ stream: true }));
      if (answer.kind !== 'stream') throw new Error(answer.kind);
      if (moment === 'after it') await iterated(answer.events).next();
      answer.events.cancel();
      expect(local.seen.closed).toBe(1);
      expect(records).toMatchObject([
        { outcome: 'aborted', status: 499, attempts: [{ outcome: 'aborted' }] },
      ]);
    },
  );
});

describe('a routed request', () => {
  test('has its decision before any upstream is asked', async () => {
    const { gateway, local, records } = startFakeGateway();
    const { decision } = await gateway.route(call());
    expect(decision).toMatchObject({ kind: 'route', targets: [{ upstream: 'local' }, {}] });
    expect([local.seen.asked, records.length]).toEqual([0, 0]);
  });

  test('that is refused has the refusal as its decision, and is recorded when it is answered', async () => {
    const constraints = [
      { name: 'home', when: when('true', () => true), require: { locality: 'local' as const } },
    ];
    const { gateway, records } = startFakeGateway({ policy: { constraints } });
    const routed = await gateway.route(call({ requestedModel: 'cloud/gpt-4o' }));
    expect([routed.decision.kind, records.length]).toEqual(['refuse', 0]);
    const never = new AbortController().signal;
    await expect(routed.answer(never)).rejects.toMatchObject({ code: 'policy_residency' });
    expect(records).toMatchObject([{ outcome: 'refused', decision: { kind: 'refuse' } }]);
  });

  test('whose caller has hung up ends at once, recorded as such', async () => {
    const gone = new UpstreamError('aborted', 'left');
    const { gateway, records } = startFakeGateway({
      local: fakeUpstream('local', { fails: gone }),
    });
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
    const { gateway, records } = startFakeGateway({
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

describe('requests that are decided in one turn of the event loop', () => {
  test('see each other: of 32 one is sent to an upstream whose breaker is on trial', async () => {
    let nowMs = 0;
    const health = createHealth({ nowMs: () => nowMs, callers: () => 1 });
    const broken = { upstream: 'local', model: 'local-model', outcome: 'failed' } as const;
    for (let fault = 0; fault < 3; fault += 1) {
      health.started(broken, call());
      health.ended({ ...broken, cause: 'unreachable' }, call());
    }
    nowMs = 6000;
    const stateOf = (name: 'local' | 'cloud') => {
      const { reachable, queueDepth } = health.condition(name, call());
      return { ...upstreamState(name), healthy: reachable, queueDepth };
    };
    const { gateway, local, cloud } = startFakeGateway({
      observer: health,
      snapshot: () => snapshot({ upstreams: { local: stateOf('local'), cloud: stateOf('cloud') } }),
    });
    const answers = await Promise.all(Array.from({ length: 32 }, () => handle(gateway, call())));
    expect(answers).toHaveLength(32);
    expect([local.seen.asked, cloud.seen.asked]).toEqual([1, 31]);
    expect([stateOf('local').queueDepth, stateOf('cloud').queueDepth]).toEqual([0, 0]);
  });

  test('take a place when they are decided, once, and none when they are only judged', async () => {
    const { gateway, attempts } = startFakeGateway();
    await gateway.judge(call());
    const routed = await gateway.route(call());
    expect(attempts).toEqual(['+local']);
    await routed.answer(new AbortController().signal);
    expect(attempts).toEqual(['+local', '-local ok']);
  });
});

describe('state that is shared with other processes', () => {
  test('is awaited, and local state is read in one step with the decision', async () => {
    const order: string[] = [];
    const { gateway } = startFakeGateway({
      shared: () => new Promise((resolve) => void setImmediate(resolve, { boundTo: 'cloud' })),
      snapshot: (_, { boundTo }) => {
        order.push(`read ${boundTo}`);
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
    const read = order.indexOf('read cloud');
    expect(order.slice(read, read + 3)).toEqual(['read cloud', 'decide', 'another request']);
  });

  test('that is refused is recorded with what was known', async () => {
    const refusal = new GatewayError('caller_invalid', 'no such response');
    const { gateway, records } = startFakeGateway({ shared: () => Promise.reject(refusal) });
    await expect(gateway.route(call())).rejects.toBe(refusal);
    expect(records).toMatchObject([
      { outcome: 'failed', status: 400, errorCode: 'caller_invalid', attempts: [] },
    ]);
  });
});
