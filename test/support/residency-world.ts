/**
 * Runs one request through a gateway where anything may fail, with an upstream named cloud that counts
 * everything that reaches it. What must stay local is known from the construction of the request, never
 * from the gateway's own evaluation.
 */
import { openCollecting } from '../../src/assembly/collecting.ts';
import { createGateway, type Gateway } from '../../src/engine/gateway.ts';
import { createSnapshots } from '../../src/engine/snapshot.ts';
import type { Call } from '../../src/core/call.ts';
import type { Exchange } from '../../src/core/collect.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import { packSeen } from '../../src/core/learned-head.ts';
import type { Signal } from '../../src/core/signal.ts';
import type { Upstream } from '../../src/core/upstream.ts';
import { maskedUpstream } from '../../src/masking/masked-upstream.ts';
import { piiDetector } from '../../src/signals/pii/detector.ts';
import { pii } from '../../src/signals/pii.ts';
import { memoryConversations } from '../../src/stores/memory/conversations.ts';
import { messagesOverChat } from '../../src/messages/over-chat.ts';
import { responsesOverChat } from '../../src/responses/over-chat.ts';
import { inlineHistory } from '../../src/responses/inline-history.ts';
import { memoryResponseStore } from '../../src/stores/memory/responses.ts';
import { eagerAuditor, scriptedVerifier, settled } from './checking-parts.ts';
import { iterated } from './event-streams.ts';
import { freeOfCharge } from './free-of-charge.ts';
import { noAccountant } from './no-accountant.ts';
import { policy as policyWith } from './policy.ts';
import { brittleUpstream, nothingSeen, type Seen } from './brittle-upstream.ts';
import type { ResidencyCase } from './residency-case.ts';

/** The result of one case. */
export interface Outcome {
  /** What reached anything in the cloud. */
  readonly cloud: Readonly<Seen>;
  readonly local: Readonly<Seen>;
  /** The error that the caller got; undefined where the answer was complete. */
  readonly error: GatewayError | undefined;
  readonly records: readonly UsageRecord[];
  /** What was written for distillation. */
  readonly collected: readonly Exchange[];
}

export async function runCase(one: ResidencyCase): Promise<Outcome> {
  const cloudSeen = nothingSeen();
  const localSeen = nothingSeen();
  const store = memoryResponseStore({ maxBytes: 100_000, maxEntries: 10 });
  const newId = (kind: string): string => `${kind}_1`;
  const wrapped = (inner: Upstream): Upstream =>
    messagesOverChat(responsesOverChat(inner, { store, newId, nowMs: () => 0 }), { newId });
  const cloud = wrapped(
    maskedUpstream(brittleUpstream('cloud', 'cloud', one.cloud, cloudSeen), piiDetector()),
  );
  const local = wrapped(brittleUpstream('local', 'local', one.local, localSeen));
  const upstreams = new Map<string, Upstream>();
  if (one.has !== 'cloud only') upstreams.set('local', local);
  if (one.has !== 'local only') upstreams.set('cloud', cloud);
  if (one.boundTo !== undefined) store.remember('open', 'resp_before', one.boundTo);

  const records: UsageRecord[] = [];
  const collected: Exchange[] = [];
  const collecting = openCollecting({
    detector: piiDetector(),
    path: 'no file',
    log: { warn: () => {} },
    writer: {
      add: async (exchange) => void collected.push(exchange),
      expire: async () => {},
      counts: async () => [],
      conversationOf: async () => undefined,
      delete: async () => 0,
      close: async () => {},
    },
  });
  let activePolicy = { policy: one.policy, signals: signalsOf(one) };
  const gateway = createGateway({
    activePolicy: () => activePolicy,
    policyInForce: () => activePolicy.policy,
    names: {
      intercepts: (model) => model === 'gpt-4o',
      hasTarget: (upstream) => upstreams.has(upstream),
      upstreamOf: () => undefined,
      listed: () => [],
    },
    ...createSnapshots({
      upstreams,
      health: (name) => ({
        reachable: one.healthy.includes(name),
        unhealthyModels: [],
        queueDepth: 0,
      }),
      boundTo: (id, caller) => store.boundTo(caller, id),
      conversations: memoryConversations(() => 0, 10),
    }),
    conversations: memoryConversations(() => 0, 10),
    payments: freeOfCharge,
    verifier: scriptedVerifier(one.check),
    auditor: eagerAuditor,
    collector: collecting.collector,
    keepsSeen: true,
    publish: (record) => records.push(record),
    upstreams,
    accountant: noAccountant,
    observer: { started: () => {}, ended: () => {} },
    nowMs: () => 0,
  });

  const abort = new AbortController();
  if (one.hangUp === 'at once') abort.abort();
  const decided = (): void => {
    if (one.hangUp === 'once decided') abort.abort();
    if (one.swap === 'policy') activePolicy = { policy: policyWith(), signals: [] };
    // Now the name means another upstream: the decision is no longer valid.
    if (one.swap === 'upstreams') {
      upstreams.set('local', brittleUpstream('local', 'cloud', one.local, cloudSeen));
    }
  };
  const call = one.call.operation === 'responses' ? await inlineHistory(one.call, store) : one.call;
  const error = await outcomeOf(gateway, call, { abort, decided, hangUp: one.hangUp });
  await settled();
  await gateway.close();
  await collecting.close();
  return { cloud: cloudSeen, local: localSeen, error, records, collected };
}

interface Asking {
  readonly abort: AbortController;
  readonly decided: () => void;
  readonly hangUp: ResidencyCase['hangUp'];
}

async function outcomeOf(
  gateway: Gateway,
  call: Call,
  { abort, decided, hangUp }: Asking,
): Promise<GatewayError | undefined> {
  try {
    const routed = await gateway.route(call);
    decided();
    const { answer } = await routed.answer(abort.signal);
    if (answer.kind === 'whole') return undefined;
    const parts: AsyncIterator<unknown> =
      answer.kind === 'stream' ? iterated(answer.events) : answer.chunks;
    let step = await parts.next();
    if (hangUp === 'in the stream') {
      abort.abort();
      await parts.return?.();
    }
    while (step.done !== true) step = await parts.next();
    return undefined;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    // A bug in an upstream, as the HTTP layer reports it.
    return new GatewayError('gateway_internal', String(error), { cause: error });
  }
}

const SEEN = { judge: '0123456789ab', numbers: packSeen([0.5, -0.5]) };

/** The real detector, or one that fails as a signal can. */
function signalsOf({ signal, complexity }: ResidencyCase): readonly Signal[] {
  return [
    {
      name: 'complexity',
      about: '',
      evaluate: () => ({ kind: 'score', score: complexity, reason: 'given', seen: SEEN }),
    },
    ...(signal === 'missing' ? [] : [{ ...pii(), ...BROKEN[signal] }]),
  ];
}

const BROKEN: Readonly<Record<Exclude<ResidencyCase['signal'], 'missing'>, Partial<Signal>>> = {
  works: {},
  throws: {
    evaluate: () => {
      throw new TypeError('broken');
    },
  },
  rejects: { waitsMs: 1, evaluate: () => Promise.reject(new Error('broken')) },
  hangs: { waitsMs: 1, evaluate: () => new Promise(() => {}) },
  abstains: {
    evaluate: () => ({ kind: 'abstain', cause: 'not_applicable', reason: 'would not say' }),
  },
};
