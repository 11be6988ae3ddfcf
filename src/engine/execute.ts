/** Asks the decision's targets, one after the other, until one has answered. */
import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import { UpstreamError, type GatewayError } from '../core/errors.ts';
import type { Payment, Payments } from '../core/payment.ts';
import type { Attempt } from '../core/record.ts';
import type { Features } from '../core/signal.ts';
import type { UpstreamRequest } from '../core/upstream.ts';
import type { Writable } from '../lib/writable.ts';
import { openAttempt, paidCall, type AttemptTools, type OpenAttempt } from './attempt.ts';
import type { AttemptBudget } from './attempt-budget.ts';
import type { Backgrounds } from './background.ts';
import { askedForJson } from '../wire/ask-for-json.ts';
import { send } from './egress.ts';
import { inPlaceOf, kept, keptHere, withSecond, type KeptDraft } from './kept-draft.ts';
import { outcomeOf, type ExecutionResult, type Outcome } from './outcome.ts';
import { isUnknown, isWorthAnother, stoppedBy } from './failures.ts';
import type { RetryBudget } from './retry-budget.ts';
import { actingOn, NOT_ACTING, onTrial, type OnTrial, type Tried } from './trial.ts';
import type { Verification } from './verification.ts';

export interface Execution {
  readonly call: Call;
  readonly features: Features;
  readonly decision: Extract<Decision, { kind: 'route' }>;
  readonly abort: AbortSignal;
  readonly asks: AttemptBudget;
  /** Of the first target; undefined where it is free. */
  readonly payment: Payment | undefined;
  /** Absent where no answer is checked. */
  readonly verification?: Verification | undefined;
  /** The small model is asked a second time. */
  readonly isRepair?: boolean;
  /** The same target is asked again, on a fresh connection. */
  readonly isAnew?: true;
  /** Why another target was not to be asked, where it is a matter of money: what the caller learns when none answers. */
  readonly unpaid?: GatewayError | undefined;
}

export interface ExecuteTools extends AttemptTools {
  readonly payments: Pick<Payments, 'reserve'>;
  readonly retries: RetryBudget;
  readonly backgrounds: Backgrounds;
  readonly answerTurns?: UpstreamRequest['answerTurns'];
}

/**
 * Tries the decision's targets in order, and never any other. A stream is committed at the first event that is
 * passed on: before it a failure moves on to the next target, after it never (invariant 5). An answer that fails its
 * checks is a draft: a large target is asked once, and where it fails the draft is given after all. `ended` is called
 * exactly once, for a stream when it is over.
 * @throws the failure of the first target, which the policy preferred, when none answers.
 */
export async function execute(
  run: Execution,
  tools: ExecuteTools,
  ended: (end: Outcome) => void,
): Promise<ExecutionResult> {
  const progress: Progress = { attempts: [], failures: 0 };
  const executing = { run, tools, ended };
  for (const target of run.decision.targets) {
    if (isPassedOver(target, progress)) continue;
    if (!run.asks.has()) break;
    const isRetry = progress.failure !== undefined;
    if (!tools.retries.enter(target.upstream, isRetry)) break;
    const failures = progress.failures;
    try {
      const reserved = reserve(target, progress, run, tools);
      if (reserved === undefined) continue;
      const result =
        (await answeredBy(reserved, progress, executing)) ??
        (await repaired(target, progress, executing));
      if (result !== undefined) return result;
    } finally {
      tools.retries.left(target.upstream, { isRetry, hasFailed: progress.failures > failures });
    }
    if (progress.isOver === true || run.abort.aborted) break;
  }
  return (await sentAnew(progress, executing)) ?? notAnswered(progress, executing);
}

/** Only a large model's answer replaces a draft, and nothing is paid for twice. */
const isPassedOver = (
  { tier, locality }: Target,
  { draft, mayBePaid }: Pick<Progress, 'draft' | 'mayBePaid'>,
): boolean =>
  (draft !== undefined && tier !== 'large') || (mayBePaid === true && locality === 'cloud');

/** No target's answer was accepted. @throws the failure, where there is no draft that may be given */
function notAnswered(progress: Progress, { run, ended }: Executing): ExecutionResult {
  const { attempts, draft } = progress;
  if (draft !== undefined && !run.abort.aborted) {
    if (!mustRefuse(run)) return kept(draft, attempts, ended);
    draft.drop();
    const refusal = keptHere(draft);
    ended({ attempts, error: refusal });
    throw refusal;
  }
  draft?.drop();
  const error = failureOf(run, progress);
  ended({ attempts, error });
  throw error;
}

/** A fault of the request or of the gateway's own key is reported unchanged. */
function failureOf({ abort, unpaid }: Execution, { failure, isOver }: Progress): unknown {
  if (abort.aborted) return stoppedBy(abort, failure);
  return isOver === true ? failure : (unpaid ?? failure);
}

/** A target, with its place in the queue and its money taken. */
interface Reserved {
  readonly target: Target;
  readonly payment: Payment | undefined;
}

/** Those of the first target were taken together with the decision. Undefined for one that cannot be paid for. */
function reserve(
  target: Target,
  progress: Progress,
  { call, features, decision, payment, isRepair, isAnew }: Execution,
  { observer, payments }: ExecuteTools,
): Reserved | undefined {
  const isFirst = isRepair !== true && isAnew !== true;
  if (target === decision.targets[0] && isFirst) return { target, payment };
  try {
    const own = payments.reserve(call, features, target);
    observer.started(target, call);
    return { target, payment: own };
  } catch (error) {
    progress.failure ??= error;
    return undefined;
  }
}

/** What came of the targets so far. */
interface Progress {
  readonly attempts: Attempt[];
  draft?: KeptDraft;
  /** Of the first target, or the one that ended it. */
  failure?: unknown;
  /** Failures of targets for which another may be tried. */
  failures: number;
  /** A request that was sent to the cloud may be billed even if nothing came back, so it is not paid for again. */
  mayBePaid?: true;
  /** No other target may be tried. */
  isOver?: true;
  /** It was sent on a kept connection that its peer had closed, or closed at once. */
  onKept?: Target;
}

interface Executing {
  readonly run: Execution;
  readonly tools: ExecuteTools;
  readonly ended: (end: Outcome) => void;
}

/**
 * Servers and proxies close kept connections just as a request comes. Where no other target answers, what may be billed goes out once
 * more on a fresh one, as an attempt with money of its own, for the first may have been read. Undefined where that does not help.
 */
async function sentAnew(
  progress: Progress,
  { run, tools, ended }: Executing,
): Promise<ExecutionResult | undefined> {
  const { onKept: target } = progress;
  if (target === undefined || run.abort.aborted || !run.asks.has()) return undefined;
  const again = { ...run, isAnew: true as const };
  const reserved = reserve(target, progress, again, tools);
  return reserved && (await answeredBy(reserved, progress, { run: again, tools, ended }));
}

/**
 * The small model is asked once more for the JSON that it did not write, if that leaves time for the large one.
 * Undefined where that does not apply, or does not help.
 */
async function repaired(
  target: Target,
  progress: Progress,
  { run, tools, ended }: Executing,
): Promise<ExecutionResult | undefined> {
  const { draft } = progress;
  if (draft?.cause !== 'json' || target.tier !== 'small' || run.abort.aborted) return undefined;
  // The large model answers where this does not help.
  if (!run.asks.has(2)) return undefined;
  const call = leavesTime(run.call, tools.nowMs()) ? askedForJson(run.call) : undefined;
  const reserved = call && reserve(target, progress, { ...run, isRepair: true }, tools);
  if (call === undefined || reserved === undefined) return undefined;
  const own: Progress = { attempts: progress.attempts, failures: 0 };
  const again = { ...run, call, isRepair: true };
  const result = await answeredBy(reserved, own, { run: again, tools, ended });
  if (result !== undefined) {
    draft.drop();
    return result;
  }
  if (own.draft !== undefined) progress.draft = withSecond(draft, own.draft);
  return undefined;
}

/** Whether twice the time taken so far is left. */
const leavesTime = ({ deadlineMs = Infinity, startedMs }: Call, nowMs: number): boolean =>
  3 * (nowMs - startedMs) <= deadlineMs;

/** Undefined where it failed, or where its answer is a draft. */
async function answeredBy(
  { target, payment }: Reserved,
  progress: Progress,
  { run, tools, ended }: Executing,
): Promise<ExecutionResult | undefined> {
  const { call, decision, abort } = run;
  const { attempts, draft } = progress;
  run.asks.take();
  const rest = tools.backgrounds.restOf(call, target, decision);
  const open = openAttempt(call, run.features, { target, payment, rest }, tools);
  try {
    const sent = payment === undefined ? call : await paidCall(call, payment);
    const trying = trialOf(run, target, open);
    const request = requestOf(sent, target, trying, tools);
    if (run.isAnew === true) request.isOnFresh = true;
    const given = await send(request, target, decision, { upstreams: tools.upstreams, abort });
    const soon = onTrial(given, trying, (attempt, { isDraft, error }) => {
      attempts.push(attempt);
      if (!isDraft) ended(outcomeOf(attempts, attempt, { abort, error, overMs: open.overMs }));
    });
    const tried = soon instanceof Promise ? await soon : soon;
    const result = resultOf(tried, { target, payment }, attempts);
    if (tried.draft === undefined) return inPlaceOf(draft, result);
    progress.draft = { ...tried.draft, result };
  } catch (error) {
    attempts.push(open.close(abort.aborted ? 'aborted' : 'failed', error));
    failed(progress, abort.aborted || !isWorthAnother(error, target, decision), error);
    if (target.locality === 'cloud' && isUnknown(error)) progress.mayBePaid = true;
    if (error instanceof UpstreamError && error.isOnKept) progress.onKept = target;
  }
  return undefined;
}

function failed(progress: Progress, isOver: boolean, error: unknown): void {
  progress.failure = isOver ? error : (progress.failure ?? error);
  if (isOver) progress.isOver = true;
  else progress.failures += 1;
}

/** Only a small answer is checked, and only one of a request is replaced. */
function trialOf(
  { call, decision, abort, verification, isRepair = false }: Execution,
  target: Target,
  open: OpenAttempt,
): OnTrial {
  if (verification === undefined) return { open, abort, trial: undefined, ...NOT_ACTING };
  const { targets } = decision;
  const trial = target.tier === 'small' ? verification.begin(target) : undefined;
  const hasLarge = targets.findLastIndex(isLarge) > targets.indexOf(target);
  return { open, abort, trial, isRepair, ...actingOn(verification, call, { hasLarge }) };
}

const isLarge = ({ tier }: Target): boolean => tier === 'large';

/** No large model may be asked, and the policy gives no answer that failed. */
const mustRefuse = ({ verification, decision }: Execution): boolean =>
  verification?.refusesKept === true && !decision.targets.some(isLarge);

function requestOf(
  call: Call,
  { model }: Target,
  { open, trial }: OnTrial,
  { answerTurns }: ExecuteTools,
): Writable<UpstreamRequest> {
  const { egress, countUsage, isSentOnce } = open;
  const request: Writable<UpstreamRequest> = {
    call,
    model,
    isSentOnce,
    answerTurns,
    egress,
    countUsage,
  };
  if (trial?.observeTokens !== undefined) request.observeTokens = trial.observeTokens;
  if (trial?.observeLoop !== undefined) request.observeLoop = () => trial.observeLoop?.();
  return request;
}

function resultOf(
  { answer, verdict }: Tried,
  { target, payment }: Reserved,
  attempts: readonly Attempt[],
): ExecutionResult {
  const result: Writable<ExecutionResult> = { answer, target, attempts };
  if (verdict !== undefined) result.verdict = verdict;
  if (payment?.maxTokens !== undefined) result.maxTokens = payment.maxTokens;
  return result;
}
