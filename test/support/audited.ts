/** Audits of answers that the test gives, by upstreams that are not there. */
import { call } from './call.ts';
import { fakeUpstream, type FakeUpstream } from './fake-upstream.ts';
import { featuresOf } from './features.ts';
import { freeOfCharge } from './free-of-charge.ts';
import { NOTHING_USED, noAccountant } from './no-accountant.ts';
import { policy, routed, situation } from './policy.ts';
import type { Accountant } from '../../src/core/accounting.ts';
import type { AnswerPair, Audit, Auditor, AuditPolicy } from '../../src/core/audit.ts';
import type { Call } from '../../src/core/call.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import type { RequestFacts } from '../../src/core/signal.ts';
import type { Answer } from '../../src/core/upstream.ts';
import { AttemptBudget } from '../../src/engine/attempt-budget.ts';
import { createAudits, type AuditTools } from '../../src/engine/audits.ts';
import { decide } from '../../src/engine/decide.ts';
import type { ExecutionResult } from '../../src/engine/outcome.ts';
import type { Routing } from '../../src/engine/routing.ts';

const AUDITS: AuditPolicy = { share: 1, usdPerDay: 5, judge: 'large' };

export interface Watched {
  readonly complexity?: number;
  readonly facts?: Partial<RequestFacts>;
  readonly policy?: Partial<Policy>;
  readonly routing?: Partial<Routing>;
  readonly decision?: Partial<Decision>;
  readonly executed?: Partial<ExecutionResult>;
  readonly call?: Partial<Call>;
  readonly answer?: Answer;
  /** Calls that the request has left. */
  readonly left?: number;
}

export const wholeOf = (content: string): Answer => {
  const body = { choices: [{ index: 0, message: { role: 'assistant', content } }] };
  return { kind: 'whole', headers: {}, bytes: Buffer.from(JSON.stringify(body)), body };
};

/** Every model is asked, and says "from" and its upstream's name. */
export function startAudits(auditing: Partial<Auditor> = {}, over: Partial<AuditTools> = {}) {
  const [local, cloud] = [fakeUpstream('local'), fakeUpstream('cloud')];
  const omitted: string[] = [];
  const done: Audit[] = [];
  const pairs: AnswerPair[] = [];
  const taken: (number | null)[] = [];
  const settled: [number, number][] = [];
  const records: UsageRecord[] = [];
  const auditor: Auditor = {
    propensityOf: () => 1,
    take: (_, nanoUsd) => void taken.push(nanoUsd),
    settle: (estimate, spent) => void settled.push([estimate, spent]),
    omitted: (cause) => void omitted.push(cause),
    compare: async (pair, ask) => {
      pairs.push(pair);
      await ask('Which is better?');
      return { compared: 'worse', by: 'judge' };
    },
    done: (audit) => void done.push(audit),
    ...auditing,
  };
  const audits = createAudits({
    upstreams: new Map<string, FakeUpstream>([
      ['local', local],
      ['cloud', cloud],
    ]),
    accountant: noAccountant,
    observer: { started: () => {}, ended: () => {} },
    nowMs: () => 1,
    publish: (record) => void records.push(record),
    payments: freeOfCharge,
    policyInForce: () => policy(),
    auditor,
    ...over,
  });
  const watch = (given: Watched = {}): Answer => {
    const by = policy({ audits: AUDITS, ...given.policy });
    const features = featuresOf('Hello');
    const facts = { ...features.facts, ...given.facts };
    const known = situation(given.complexity ?? 0.1, { facts });
    const decision = { ...decide(routed, known, by), ...given.decision } as Decision;
    const target = decision.kind === 'route' ? decision.targets[0] : undefined;
    const routing = {
      ask: routed,
      features: { ...features, facts },
      readings: known.readings,
      decision,
      snapshot: known.snapshot,
      policy: by,
      signals: [],
      ...given.routing,
    };
    const answer = given.answer ?? wholeOf('what was given');
    const executed = { answer, target, attempts: [], ...given.executed } as ExecutionResult;
    const asks = new AttemptBudget(given.left ?? 5);
    return audits.watch({ call: call(given.call), routing, executed, asks });
  };
  const all = { omitted, done, pairs, taken, settled, records, local, cloud };
  return { audits, watch, ...all };
}

export const large = { tier: 'large', upstream: 'cloud', model: 'big', locality: 'cloud' } as const;
export const priced = (totalNanoUsd: number): Accountant => ({
  ...noAccountant,
  watch: (...given) => ({ ...noAccountant.watch(...given), usage: () => NOTHING_USED }),
  price: () => ({ cost: { totalNanoUsd, kinds: {}, source: 'test' }, energy: null }),
});
