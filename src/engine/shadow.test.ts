import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { handle } from '../../test/support/handle.ts';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import { NOTHING_USED } from '../../test/support/no-accountant.ts';
import { freeOfCharge } from '../../test/support/free-of-charge.ts';
import { policy, snapshot, when } from '../../test/support/policy.ts';
import type { Accountant } from '../core/accounting.ts';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import type { Payment, Payments } from '../core/payment.ts';
import type { Policy } from '../core/policy.ts';
import type { UsageRecord } from '../core/record.ts';
import { score } from '../core/signal.ts';
import type { ConversationPlace } from '../core/decision.ts';
import type { Upstream } from '../core/upstream.ts';
import { createGateway } from './gateway.ts';

const accountant: Accountant = {
  watch: () => ({
    observe: () => {},
    observeText: () => {},
    hasContent: () => true,
    answeredModel: () => 'm',
    usage: () => undefined,
    countUsage: (output) => ({ ...NOTHING_USED, outputTokens: output.length }),
  }),
  price: () => ({ cost: { totalNanoUsd: 7, kinds: { output: 7 }, source: 'test' }, energy: null }),
  baseline: () => 42,
};

function start(
  local: Upstream = fakeUpstream('local'),
  over: Partial<Policy> = {},
  payments: Payments = freeOfCharge,
  maxAttempts = 5,
  policyInForce = () => policy(),
) {
  const cloud = fakeUpstream('cloud');
  const records: UsageRecord[] = [];
  const places: ConversationPlace[] = [];
  const complexity = { name: 'complexity', about: '', evaluate: () => score(0.1, 'given') };
  const active = { policy: policy({ mode: { shadow: 1 }, ...over }), signals: [complexity] };
  const gateway = createGateway({
    activePolicy: () => active,
    policyInForce,
    names: {
      intercepts: () => false,
      hasTarget: () => true,
      upstreamOf: () => undefined,
      listed: () => [],
    },
    shared: () => ({}),
    snapshot: () => snapshot({ draw: 0, threadKeys: ['thread'] }),
    conversations: { get: () => undefined, remember: (_, place) => places.push(place) },
    payments,
    maxAttempts,
    publish: (record) => records.push(record),
    upstreams: new Map([
      ['local', local],
      ['cloud', cloud],
    ]),
    accountant,
    observer: { started: () => {}, ended: () => {} },
    nowMs: () => 1,
  });
  return { gateway, records, places, cloud };
}

/** Answers when the test lets it. */
function slowUpstream() {
  const gate = Promise.withResolvers<void>();
  const inner = fakeUpstream('local');
  let aborted = 0;
  const upstream: Upstream = {
    ...inner,
    send: async (request, abort) => {
      const left = new Promise<never>((_, reject) => {
        abort.addEventListener('abort', () => {
          aborted += 1;
          reject(new UpstreamError('aborted', 'left'));
        });
      });
      await Promise.race([gate.promise, left]);
      return await inner.send(request, abort);
    },
  };
  return { upstream, seen: inner.seen, open: () => gate.resolve(), aborted: () => aborted };
}

describe('a shadow', () => {
  test('is asked beside the answer, and leaves its own record, marked as no request', async () => {
    const local = fakeUpstream('local');
    const { gateway, records, cloud } = start(local);
    const { target } = await handle(gateway, call());
    await gateway.close();
    expect([target.upstream, local.seen.asked, cloud.seen.asked]).toEqual(['cloud', 1, 1]);
    expect(records).toMatchObject([
      { id: 'req_1', attempts: [{ upstream: 'cloud' }], baselineNanoUsd: null },
      {
        id: 'req_1_shadow',
        shadowOf: 'req_1',
        outcome: 'answered',
        attempts: [{ upstream: 'local', shadow: true, cost: { totalNanoUsd: 7 } }],
        baselineNanoUsd: null,
      },
    ]);
    expect(records[0]).not.toHaveProperty('shadowOf');
    expect(records[0]?.attempts[0]).not.toHaveProperty('shadow');
  });

  test('is not asked where the request has no call left', async () => {
    const local = fakeUpstream('local');
    const { gateway, records } = start(local, {}, freeOfCharge, 1);
    await handle(gateway, call());
    await gateway.close();
    expect([local.seen.asked, records.length]).toEqual([0, 1]);
  });

  test('is not asked where the policy was replaced since the decision', async () => {
    const local = fakeUpstream('local');
    const { gateway, records } = start(local, {}, freeOfCharge, 5, () =>
      policy({ version: '000000000001' }),
    );
    await handle(gateway, call());
    await gateway.close();
    expect([local.seen.asked, records.length]).toEqual([0, 1]);
  });

  test('reads a stream to its end', async () => {
    const local = fakeUpstream('local');
    const { gateway, records } = start(local);
    const { answer } = await handle(gateway, call({ stream: true }));
    if (answer.kind !== 'stream') throw new Error(answer.kind);
    answer.events.cancel();
    await expect.poll(() => records.length).toBe(2);
    expect(records.map(({ outcome }) => outcome).toSorted()).toEqual(['aborted', 'answered']);
  });

  test('that reports no usage is recorded with the count its answer was given', async () => {
    const inner = fakeUpstream('local');
    const counting: Upstream = {
      ...inner,
      send: (request, abort) => {
        request.countUsage?.(['from ', 'local']);
        return inner.send(request, abort);
      },
    };
    const { gateway, records } = start(counting);
    await handle(gateway, call());
    await gateway.close();
    expect(records[1]?.attempts[0]?.usage).toEqual({ ...NOTHING_USED, outputTokens: 2 });
  });

  test('that fails changes nothing for the caller', async () => {
    const fails = new UpstreamError('server_error', 'boom', { status: 500 });
    const { gateway, records } = start(fakeUpstream('local', { fails }));
    await expect(handle(gateway, call())).resolves.toBeDefined();
    await expect.poll(() => records.length).toBe(2);
    expect(records[1]).toMatchObject({
      outcome: 'failed',
      attempts: [{ outcome: 'failed', cause: 'server_error', shadow: true }],
    });
  });

  test('is one of at most two at a time', async () => {
    const slow = slowUpstream();
    const { gateway, records } = start(slow.upstream);
    for (let each = 0; each < 5; each++) await handle(gateway, call({ id: `r${each}` }));
    slow.open();
    await expect.poll(() => records.filter((record) => record.shadowOf).length).toBe(2);
    expect(slow.seen.asked).toBe(2);
    expect(records).toHaveLength(7);
  });

  test('is stopped when the gateway closes, and its record is written', async () => {
    const slow = slowUpstream();
    const { gateway, records } = start(slow.upstream);
    await handle(gateway, call());
    await gateway.close();
    expect(slow.aborted()).toBe(1);
    expect(records[1]).toMatchObject({ shadowOf: 'req_1', attempts: [{ outcome: 'aborted' }] });
  });

  test('of a local-only request is not sent: no byte goes to the cloud', async () => {
    const constraints = [
      { name: 'home', when: when('true', () => true), require: { locality: 'local' as const } },
    ];
    const { gateway, records, cloud } = start(fakeUpstream('local'), { constraints });
    await handle(gateway, call());
    await gateway.close();
    expect(cloud.seen.asked).toBe(0);
    expect(records).toHaveLength(1);
  });
});

test('a policy that only observes keeps the conversation’s place where it would be', async () => {
  const watching = start(fakeUpstream('local'), { mode: 'observe' });
  await handle(watching.gateway, call());
  const acting = start(fakeUpstream('local'), { mode: 'on' });
  await handle(acting.gateway, call());
  expect([watching.cloud.seen.asked, acting.cloud.seen.asked]).toEqual([1, 0]);
  expect([...watching.places, ...acting.places]).toMatchObject([
    { tier: 'small' },
    { tier: 'small' },
  ]);
});

test('a shadow that cannot be paid for is not asked, and what can be is reserved', async () => {
  const settled: string[] = [];
  const payment: Payment = {
    durable: async () => {},
    settle: ({ outcome }) => void settled.push(outcome),
  };
  for (const isPaid of [true, false]) {
    const local = fakeUpstream('local');
    const payments: Payments = {
      ...freeOfCharge,
      reserve: (_, __, { upstream }) => {
        if (upstream !== 'local') return undefined;
        if (isPaid) return payment;
        throw new GatewayError('policy_budget_exceeded', 'nothing is left');
      },
    };
    const { gateway, records } = start(local, {}, payments);
    const { target } = await handle(gateway, call());
    await expect.poll(() => records.length).toBe(isPaid ? 2 : 1);
    await gateway.close();
    expect([target.upstream, local.seen.asked]).toEqual(['cloud', isPaid ? 1 : 0]);
    expect(records).toHaveLength(isPaid ? 2 : 1);
  }
  expect(settled).toEqual(['ok']);
});
