/** What is paid for is written down first, and booked once, however it ends. */
import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { startFakeGateway } from '../../test/support/fake-gateway.ts';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import type { Call } from '../core/call.ts';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import type { Ended, Payment, Payments } from '../core/payment.ts';

/** A payment for each attempt at the cloud; `durable` decides. */
function till(durable: () => Promise<void>, more: Pick<Payment, 'maxTokens'> = {}) {
  const settled: Pick<Ended, 'outcome' | 'egressBytes'>[] = [];
  let reserved = 0;
  const payments: Payments = {
    facts: () => undefined,
    header: () => undefined,
    reserve: (_call, _features, { upstream }) => {
      if (upstream !== 'cloud') return undefined;
      reserved += 1;
      return {
        ...more,
        durable,
        settle: ({ outcome, egressBytes }) => {
          settled.push({ outcome, egressBytes });
          return undefined;
        },
      };
    },
  };
  return { payments, settled, reserved: () => reserved };
}

const live = new AbortController().signal;
const asking = call({ body: { model: 'auto', messages: [{ role: 'user', content: 'hi' }] } });

describe('a paid attempt', () => {
  test('is sent when its intent is durable, and not before', async () => {
    const gate = Promise.withResolvers<void>();
    const { payments, settled } = till(() => gate.promise);
    const { gateway, cloud } = startFakeGateway({ complexity: 1, payments });
    const answering = (await gateway.route(asking)).answer(live);
    await new Promise((resolve) => void setImmediate(resolve));
    expect(cloud.seen.asked).toBe(0);
    gate.resolve();
    await answering;
    expect(cloud.seen.asked).toBe(1);
    expect(settled).toEqual([expect.objectContaining({ outcome: 'ok' })]);
  });

  test('that cannot be written down is not sent, and what is free answers', async () => {
    const unavailable = new GatewayError('gateway_ledger_unavailable', 'not now');
    const { payments, settled } = till(() => Promise.reject(unavailable));
    const { gateway, cloud, local } = startFakeGateway({ complexity: 1, payments });
    const { target } = await (await gateway.route(asking)).answer(live);
    expect(target.upstream).toBe('local');
    expect([cloud.seen.asked, local.seen.asked]).toEqual([0, 1]);
    expect(settled).toEqual([{ outcome: 'failed', egressBytes: 0 }]);
  });

  test('is limited to the output that can be paid for', async () => {
    const { payments } = till(() => Promise.resolve(), { maxTokens: 300 });
    const inner = fakeUpstream('cloud');
    const sent: Call[] = [];
    const cloud: typeof inner = {
      ...inner,
      send: (request, abort) => {
        sent.push(request.call);
        return inner.send(request, abort);
      },
    };
    const { gateway } = startFakeGateway({ complexity: 1, payments, cloud });
    const { maxTokens } = await (await gateway.route(asking)).answer(live);
    expect(maxTokens).toBe(300);
    expect(sent[0]?.body).toMatchObject({ max_completion_tokens: 300 });
    expect(JSON.parse(String(sent[0]?.payload))).toMatchObject({
      max_completion_tokens: 300,
    });
  });

  test('of a fallback reserves for itself, and one that does not fit is not made', async () => {
    const fails = new UpstreamError('unreachable', 'gone');
    const over = new GatewayError('policy_budget_exceeded', 'spent');
    const { payments, reserved } = till(() => Promise.resolve());
    const start = (given: Payments) =>
      startFakeGateway({ complexity: 0, payments: given, local: fakeUpstream('local', { fails }) });
    const paid = start(payments);
    await (await paid.gateway.route(asking)).answer(live);
    expect([reserved(), paid.cloud.seen.asked]).toEqual([1, 1]);
    const unpaid = start({
      ...payments,
      reserve: (_call, _features, { upstream }) => {
        if (upstream === 'cloud') throw over;
        return undefined;
      },
    });
    const routed = await unpaid.gateway.route(asking);
    await expect(routed.answer(live)).rejects.toMatchObject({ code: 'upstream_unreachable' });
    expect(unpaid.cloud.seen.asked).toBe(0);
  });
});
