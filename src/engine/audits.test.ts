import { expect, test } from 'vitest';
import { large, priced, startAudits, wholeOf, type Watched } from '../../test/support/audited.ts';
import { call } from '../../test/support/call.ts';
import { iterated } from '../../test/support/event-streams.ts';
import { fakeUpstream } from '../../test/support/fake-upstream.ts';
import { noAccountant } from '../../test/support/no-accountant.ts';
import { policy, snapshot, upstreamState } from '../../test/support/policy.ts';
import type { Call } from '../core/call.ts';
import type { Decision } from '../core/decision.ts';
import { UpstreamError } from '../core/errors.ts';
import type { Payment } from '../core/payment.ts';
import type { Policy } from '../core/policy.ts';
import { score } from '../core/signal.ts';
import type { Answer } from '../core/upstream.ts';
import { readAll } from '../lib/flow.ts';
import { createAudits, type AuditTools } from './audits.ts';

test.each([
  [3, []],
  [2, ['attempts']],
])('with %i calls left of the request an audit is left out for %j', async (left, causes) => {
  const { watch, omitted, done } = startAudits();
  watch({ left });
  await expect.poll(() => omitted.length + done.length).toBe(1);
  expect(omitted).toEqual(causes);
  expect(done).toHaveLength(1 - causes.length);
});

test('an answer that was given under a policy which was replaced since is not audited', async () => {
  const after = policy({ version: '000000000001' });
  const { watch, omitted, cloud } = startAudits({}, { policyInForce: () => after });
  watch();
  await expect.poll(() => omitted).toEqual(['policy-replaced']);
  expect(cloud.seen.asked).toBe(0);
});

test('without an auditor answers pass as they are', async () => {
  const audits = createAudits({ publish: () => {} } as unknown as AuditTools);
  const answer = wholeOf('Hello');
  expect(audits.watch({ executed: { answer } } as never)).toBe(answer);
  await expect(audits.close()).resolves.toBeUndefined();
});

test('a small answer is compared with the large model’s, and the costs are settled', async () => {
  const made = startAudits({}, { accountant: priced(7) });
  const answer = wholeOf('what was given');
  expect(made.watch({ answer })).toBe(answer);
  await expect.poll(() => made.done.length).toBe(1);
  expect(made.pairs).toEqual([
    { task: 'Hello', conversation: 'user: Hello', small: 'what was given', large: 'from cloud' },
  ]);
  // an answer and two judgements are reserved, an answer and one judgement were made
  expect([made.taken, made.settled]).toEqual([[14], [[14, 14]]]);
  expect(made.done[0]).toMatchObject({ model: 'slm', judge: 'big', costNanoUsd: 14 });
  expect(made.done[0]).not.toHaveProperty('wrong');
  expect(made.done[0]).not.toHaveProperty('modelDigest');
  expect(made.records).toMatchObject([
    { id: 'req_1_audit', shadowOf: 'req_1', audit: { compared: 'worse', propensity: 1 } },
  ]);
});

test('what is known of the answer and of its weights is kept with the comparison', async () => {
  const made = startAudits();
  const upstreams = {
    local: upstreamState('local', { modelDigest: 'abc' }),
    cloud: upstreamState('cloud'),
  };
  const readings = {
    domain: score(1, 'code', 'code'),
    language: score(1, 'no value'),
  };
  made.watch({
    routing: { snapshot: snapshot({ upstreams }), readings },
    executed: { verdict: { kind: 'pass', wrong: 0.25 } },
  });
  await expect.poll(() => made.done.length).toBe(1);
  expect(made.done[0]).toMatchObject({
    modelDigest: 'abc',
    wrong: 0.25,
    domain: 'code',
    language: '',
    rule: 'objective',
  });
});

test('where no price is known the cost is not known', async () => {
  const counting = { ...noAccountant, watch: priced(0).watch };
  const made = startAudits({}, { accountant: counting });
  made.watch();
  await expect.poll(() => made.done.length).toBe(1);
  expect(made.taken).toEqual([null]);
  expect(made.settled).toEqual([[0, 0]]);
  expect(made.done[0]?.costNanoUsd).toBeNull();
});

test('a large answer just above a promised threshold is compared with the small model’s', async () => {
  const made = startAudits();
  const promised = { objective: { worseThanLarge: 0.02 } } as Partial<Policy>;
  made.watch({ complexity: 0.52, policy: promised });
  await expect.poll(() => made.done.length).toBe(1);
  expect(made.pairs[0]).toMatchObject({ small: 'from local', large: 'what was given' });
  expect(made.done[0]).toMatchObject({ model: 'slm', judge: 'big' });
});

test.each<readonly [string, Watched]>([
  ['a policy without audits', { policy: { audits: undefined } as unknown as Partial<Policy> }],
  ['a refusal', { decision: { kind: 'refuse' } }],
  ['a model that the caller chose', { routing: { ask: { kind: 'tier', tier: 'small' } } }],
  ['a policy that only watches', { decision: { onlyWatches: true } }],
  ['tools', { facts: { tools: 1 } }],
  ['a picture', { facts: { images: 1 } }],
  ['several answers', { facts: { n: 2 } }],
  ['a body that is not read', { facts: { isOpaque: true } }],
  ['a small answer that failed', { executed: { isKept: true } }],
  ['a large answer', { complexity: 0.52 }],
  ['one in place of a small one', { executed: { target: large, escalated: 'json' } }],
])('nothing is compared: %s', async (_, given) => {
  const made = startAudits();
  made.watch(given);
  await made.audits.close();
  expect([made.omitted, made.taken, made.cloud.seen.asked]).toEqual([[], [], 0]);
});

test('the draw decides, and a request without a large model is told apart', async () => {
  const never = startAudits({ propensityOf: () => 0 });
  never.watch();
  const made = startAudits();
  const local = { tier: 'small', upstream: 'local', model: 'slm', locality: 'local' } as const;
  made.watch({ decision: { targets: [local] } as Partial<Decision> });
  const excluded = [{ target: large, by: 'constraint', name: 'here', reason: 'stays' }];
  made.watch({ decision: { targets: [local], excluded } as Partial<Decision> });
  expect([never.omitted, never.taken]).toEqual([[], []]);
  expect(made.omitted).toEqual(['no-large', 'kept-here']);
});

test('what the auditor does not take is not asked', async () => {
  const made = startAudits({ take: () => 'budget' });
  made.watch();
  await made.audits.close();
  expect([made.omitted, made.cloud.seen.asked, made.records]).toEqual([['budget'], 0, []]);
});

test('a judge’s nonsense is counted, and what it cost is recorded', async () => {
  const made = startAudits({ compare: async () => undefined });
  made.watch();
  await expect.poll(() => made.records.length).toBe(1);
  expect([made.omitted, made.done]).toEqual([['judge-nonsense'], []]);
  expect(made.records[0]).not.toHaveProperty('audit');
});

test('a model that fails ends its audit, and its attempt is recorded', async () => {
  const cloud = fakeUpstream('cloud', { fails: new UpstreamError('server_error', 'no') });
  const made = startAudits({}, { upstreams: new Map([['cloud', cloud]]) });
  made.watch();
  await expect.poll(() => made.records.length).toBe(1);
  expect(made.omitted).toEqual(['failed']);
  expect(made.records[0]?.attempts).toMatchObject([
    { kind: 'audit', outcome: 'failed', cause: 'server_error' },
  ]);
});

test('two run at a time, fifty wait, and closing stops them', async () => {
  const cloud = fakeUpstream('cloud');
  const stuck = (_: unknown, abort: AbortSignal): Promise<never> =>
    new Promise((__, reject) => {
      cloud.seen.asked += 1;
      abort.addEventListener('abort', () => reject(new UpstreamError('aborted', 'left')));
    });
  const made = startAudits({}, { upstreams: new Map([['cloud', { ...cloud, send: stuck }]]) });
  for (let at = 0; at < 53; at += 1) made.watch({ call: { id: `r${at}` } });
  await expect.poll(() => cloud.seen.asked).toBe(2);
  expect(made.omitted).toEqual(['queue-full']);
  await made.audits.close();
  expect(cloud.seen.asked).toBe(2);
  expect(made.records.map(({ attempts }) => attempts[0]?.outcome)).toEqual(['aborted', 'aborted']);
});

test('when one is over the next begins', async () => {
  const made = startAudits();
  for (let at = 0; at < 5; at += 1) made.watch({ call: { id: `r${at}` } });
  await expect.poll(() => made.done.length).toBe(5);
  expect(made.done.map(({ requestId }) => requestId)).toEqual(['r0', 'r1', 'r2', 'r3', 'r4']);
});

test('a stream is compared once it is over, and one that was left is not', async () => {
  const made = startAudits();
  const streamed = () =>
    fakeUpstream('local').send({ call: call({ stream: true }) } as never, undefined as never);
  const left = made.watch({ answer: await streamed() });
  if (left.kind !== 'stream') throw new Error(left.kind);
  await iterated(left.events).next();
  left.events.cancel();
  expect(made.taken).toEqual([]);
  const read = made.watch({ answer: await streamed(), call: { stream: true } });
  if (read.kind !== 'stream') throw new Error(read.kind);
  let events = 0;
  await readAll(read.events, () => void (events += 1));
  await expect.poll(() => made.done.length).toBe(1);
  expect(events).toBe(5);
  expect(made.pairs[0]).toMatchObject({ small: 'Hello', large: 'Hello' });
});

test('an answer whose text is not read passes unseen', () => {
  const made = startAudits();
  const answer = wholeOf('numbers');
  expect(made.watch({ answer, call: { operation: 'embeddings' } })).toBe(answer);
  const raw = { kind: 'raw', status: 200, headers: {}, chunks: undefined } as unknown as Answer;
  expect(made.watch({ answer: raw })).toBe(raw);
  expect(made.taken).toEqual([]);
});

test('what is paid for is reserved, and sent with the output that can be paid', async () => {
  const reserved: string[] = [];
  const payment: Payment = { maxTokens: 5, durable: async () => {}, settle: () => undefined };
  const payments = {
    reserve: (_: Call, __: unknown, { upstream }: { upstream: string }) => {
      reserved.push(upstream);
      return payment;
    },
  };
  const made = startAudits({}, { payments });
  made.watch();
  await expect.poll(() => made.done.length).toBe(1);
  expect(reserved).toEqual(['cloud', 'cloud']);
});
