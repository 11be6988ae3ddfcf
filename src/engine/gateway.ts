/**
 * The path of one request: `route` judges it (`judge.ts`), `answer` executes what was decided and publishes its record. Read this first.
 * All implementations are injected; every routed request leaves exactly one record.
 */
import type { Call } from '../core/call.ts';
import type { Collector } from '../core/collect.ts';
import type { Conversations } from '../core/conversations.ts';
import type { ConversationPlace, Decision, Snapshot, Target } from '../core/decision.ts';
import type { ObjectContents } from '../core/object-contents.ts';
import type { Payments } from '../core/payment.ts';
import type { CacheUse, Sink } from '../core/record.ts';
import { HIGH_STAKES } from '../core/signal.ts';
import type { Verifier } from '../core/verify.ts';
import { AttemptBudget, USUAL_ATTEMPTS } from './attempt-budget.ts';
import { createBackgrounds, type BackgroundTools } from './background.ts';
import { keeping } from './answer-cache.ts';
import { collecting } from './collect.ts';
import { escalationShare } from './escalation-share.ts';
import { execute, type ExecuteTools } from './execute.ts';
import { foundContents } from './found-contents.ts';
import type { ExecutionResult, Outcome } from './outcome.ts';
import { draftWorth, type Watched } from './draft-worth.ts';
import { answeredAgain, remember } from './answer-again.ts';
import { effectsOf, judge, type JudgingParts } from './judge.ts';
import { startRecord, type OpenRecord } from './record.ts';
import { withCost } from './shown-cost.ts';
import { RetryBudget } from './retry-budget.ts';
import type { Judgement, Routing } from './routing.ts';
import { notNowError, refusalError, unpaidError } from './refusal-error.ts';
import { createAudits, type Audits, type AuditTools } from './audits.ts';
import { createShadows, type Shadows } from './shadow.ts';
import { implicitSigns, type Signs } from './signs.ts';
import { Stages } from '../lib/turns.ts';
import { type Verification, type VerificationTools, verificationOf } from './verification.ts';

export interface GatewayParts
  extends
    Omit<ExecuteTools, 'retries' | 'backgrounds'>,
    BackgroundTools,
    Omit<JudgingParts, 'worth' | 'observer' | 'stages'>,
    Pick<Watched, 'policyInForce'>,
    Pick<AuditTools, 'auditor'> {
  readonly conversations: Conversations;
  /** The most calls to upstreams for one request. */
  readonly maxAttempts?: number;
  readonly payments: Payments;
  readonly publish: Sink;
  /** Records hold what the judge saw of a request, in numbers. */
  readonly keepsSeen?: boolean;
  /** Checks small answers if the policy wants that; absent: none is checked. */
  readonly verifier?: Verifier;
  /** Keeps answers for distillation if the policy wants that; absent: none is kept. */
  readonly collector?: Collector;
  /** Called with every decision. */
  readonly routedTo?: (call: Call, routing: Routing) => void;
}

export interface Gateway {
  /** Decides without asking any upstream, and leaves no record. @throws GatewayError when it cannot be decided */
  judge(call: Call): Promise<Routing>;
  /** Decides. @throws GatewayError, recorded, when the request cannot even be decided */
  route(call: Call): Promise<Routed>;
  /** Records a request that was rejected before it was routed. */
  reject(call: Call, error: unknown): void;
  /** Records a request that gets the answer of another one. */
  joined(call: Call): void;
  /** Stops background work. */
  close(): Promise<void>;
}

/** A decided request. It leaves no record until `answer` is called. */
export interface Routed {
  /** Also set for a refusal: its headers are sent with the error. */
  readonly decision: Decision;
  /** What a bad answer would put at stake, and how much; absent if that is little. */
  readonly stakes?: { readonly kind: string; readonly degree: number } | undefined;
  /** The policy's domain that the message belongs to, whatever decided. */
  readonly domain?: string | undefined;
  /** Present where a rule keeps answers. */
  readonly cache?: CacheUse['result'] | undefined;
  /** Another target than the decision's first may answer without that one failing. */
  readonly mayEscalate: boolean;
  /** What the request was found to hold; undefined where nothing judged that. */
  contents(): ObjectContents | undefined;
  /** The current state of the caller's tightest budget; undefined without one. */
  budget(): string | undefined;
  /**
   * Asks the decision's targets. Call it exactly once; if the signal is already aborted it ends at once.
   * @throws GatewayError, recorded, when refused or when no target answered
   */
  answer(abort: AbortSignal): Promise<ExecutionResult>;
}

export function createGateway(given: GatewayParts): Gateway {
  const worth = draftWorth(given.nowMs);
  const retries = new RetryBudget(given.nowMs);
  const stages = new Stages();
  const backgrounds = createBackgrounds(given);
  const parts = { ...given, worth, retries, backgrounds, stages, publish: worth.watching(given) };
  const shares = escalationShare(parts.nowMs);
  const { verifier } = parts;
  const checking: VerificationTools = verifier === undefined ? { shares } : { verifier, shares };
  const effects = effectsOf(parts);
  const tools: AnsweringTools = {
    parts,
    shadows: createShadows(parts),
    audits: createAudits(parts),
    signs: implicitSigns(parts.nowMs),
  };
  return {
    judge: async (call) => {
      const judgement = await judge(call, parts);
      if (judgement.kind === 'failed') throw judgement.error;
      return judgement.routing;
    },
    route: (call) => {
      const record = startRecord(call, parts);
      return judge(call, parts, effects).then((judgement) => {
        if (judgement.kind === 'failed') {
          const { error, known } = judgement;
          record.finish({ attempts: [], error }, known);
          throw error;
        }
        const { routing } = judgement;
        record.decided(tools.signs.read(routing));
        parts.routedTo?.(call, routing);
        const verification = verificationOf(call, routing, checking);
        return new RoutedRequest({ call, record, verification, judgement }, tools);
      });
    },
    joined: (call) => startRecord(call, parts).finish({ attempts: [] }),
    reject: (call, error) => startRecord(call, parts).finish({ attempts: [], error }),
    close: async () => {
      await Promise.all([tools.shadows.close(), tools.audits.close(), backgrounds.close()]);
    },
  };
}

interface AnsweringTools {
  readonly parts: GatewayParts & Pick<ExecuteTools, 'retries' | 'backgrounds'>;
  readonly shadows: Shadows;
  readonly audits: Audits;
  readonly signs: Signs;
}

interface Answering {
  readonly call: Call;
  readonly record: OpenRecord;
  readonly verification: Verification | undefined;
  readonly judgement: Extract<Judgement, { kind: 'judged' }>;
}

/** A class rather than closures, because there is one for each request. */
class RoutedRequest implements Routed {
  readonly #answering: Answering;
  readonly #tools: AnsweringTools;

  constructor(answering: Answering, tools: AnsweringTools) {
    this.#answering = answering;
    this.#tools = tools;
  }

  get decision(): Decision {
    return this.#routing.decision;
  }

  get stakes(): Routed['stakes'] {
    const { stakes } = this.#routing.readings;
    if (stakes?.kind !== 'score' || stakes.score < HIGH_STAKES) return undefined;
    return { kind: stakes.value ?? 'other', degree: stakes.score };
  }

  get domain(): Routed['domain'] {
    const { domain } = this.#routing.readings;
    return domain?.kind === 'score' ? domain.value : undefined;
  }

  get mayEscalate(): boolean {
    return this.#answering.verification?.escalates === true;
  }

  get cache(): Routed['cache'] {
    return this.#answering.judgement.cached?.use.result;
  }

  contents(): ObjectContents | undefined {
    return foundContents(this.#routing);
  }

  budget(): string | undefined {
    return this.#tools.parts.payments.header(this.#answering.call.caller);
  }

  answer(abort: AbortSignal): Promise<ExecutionResult> {
    return answer(this.#answering, abort, this.#tools);
  }

  get #routing(): Routing {
    return this.#answering.judgement.routing;
  }
}

async function answer(
  { call, record, verification, judgement }: Answering,
  abort: AbortSignal,
  { parts, shadows, audits, signs }: AnsweringTools,
): Promise<ExecutionResult> {
  const { routing, payment, cached } = judgement;
  const { decision, features, snapshot } = routing;
  if (cached?.again !== undefined)
    return withCost(call, answeredAgain({ routing, cached, record, abort }, parts.conversations));
  let attempts: Outcome['attempts'] = [];
  const ended = (end: Outcome): void => {
    ({ attempts } = end);
    record.finish(cached === undefined ? end : { ...end, cache: cached.use }, routing);
  };
  const asks = new AttemptBudget(parts.maxAttempts ?? USUAL_ATTEMPTS);
  try {
    if (decision.kind === 'refuse')
      throw notNowError(decision, snapshot) ?? refusalError(call, decision);
    const unpaid = unpaidError(call, routing);
    const run = { call, features, decision, abort, asks, payment, verification, unpaid };
    const executed = await execute(run, parts, ended);
    const place = countedPlace(placeOf(decision, executed.target), executed, snapshot);
    verification?.ended(executed.escalated !== undefined);
    remember(routing, place, parts.conversations);
    signs.answered(call.id, routing);
    shadows.ask({ call, routing, decision, asks });
    const audited = audits.watch({ call, routing, executed, asks });
    const collected = collecting(
      { call, routing, target: executed.target, answer: audited },
      parts.collector,
    );
    let given = collected === executed.answer ? executed : { ...executed, answer: collected };
    if (cached?.keep !== undefined && parts.cache !== undefined) {
      const over = { call, decision, executed: given, attempts: () => attempts };
      given = { ...given, answer: keeping(cached.keep, over, parts.cache) };
    }
    return withCost(call, given, () => attempts);
  } catch (error) {
    ended({ attempts: [], error });
    throw error;
  }
}

/** The conversation's place; under a policy that only observes, where it would be, so that stickiness is observed too. */
function placeOf(decision: Extract<Decision, { kind: 'route' }>, answered: Target): Target {
  if (decision.onlyWatches !== true) return answered;
  return decision.targets.find(({ tier }) => tier === decision.wanted) ?? answered;
}

/** How often a conversation's small answers were replaced goes with it. */
function countedPlace(
  place: Target,
  { escalated }: ExecutionResult,
  { thread }: Snapshot,
): ConversationPlace {
  const escalations = (thread?.escalations ?? 0) + (escalated === undefined ? 0 : 1);
  return escalations === 0 ? place : { ...place, escalations };
}
