import type { Call } from '../core/call.ts';
import type { Decision, Target } from '../core/decision.ts';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import type { Attempt } from '../core/record.ts';
import type { Features } from '../core/signal.ts';
import type { Answer } from '../core/upstream.ts';
import { openAttempt, type AttemptTools } from './attempt.ts';
import { send } from './egress.ts';

export interface Execution {
  readonly call: Call;
  readonly features: Features;
  readonly decision: Extract<Decision, { kind: 'route' }>;
  readonly abort: AbortSignal;
}

export type ExecuteTools = AttemptTools;

/** How a request ended, with every attempt in order. `error` is what the caller received, if any. */
export interface Outcome {
  readonly attempts: readonly Attempt[];
  readonly error?: unknown;
}

export interface ExecutionResult {
  readonly answer: Answer;
  readonly target: Target;
  /** Every finished attempt. The one that answers is included for a whole answer, and not yet for a stream. */
  readonly attempts: readonly Attempt[];
}

/**
 * Tries the decision's targets in order, and never any other. A stream is committed at its first
 * event: before it a failure moves on to the next target, after it never (invariant 5). `ended` is
 * called exactly once, for a stream when it is over.
 * @throws the failure of the first target, which the policy preferred, when none answers.
 */
export async function execute(
  run: Execution,
  tools: ExecuteTools,
  ended: (end: Outcome) => void,
): Promise<ExecutionResult> {
  const { abort } = run;
  const { upstreams } = tools;
  const attempts: Attempt[] = [];
  let failure: unknown;
  for (const target of run.decision.targets) {
    const open = openAttempt(run.call, run.features, target, tools);
    try {
      const { egress, countUsage } = open;
      const request = { call: run.call, model: target.model, egress, countUsage };
      const given = await send(request, target, run.decision, { upstreams, abort });
      const answer = open.meter(given, abort, (attempt, error) => {
        attempts.push(attempt);
        ended({ attempts, ...(attempt.outcome === 'ok' ? {} : { error: error ?? hungUp(error) }) });
      });
      return { answer, target, attempts };
    } catch (error) {
      attempts.push(open.close(abort.aborted ? 'aborted' : 'failed', error));
      failure ??= error;
      if (abort.aborted || !isWorthAnother(error, target, run.decision)) {
        failure = error;
        break;
      }
    }
  }
  const error = abort.aborted ? hungUp(failure) : failure;
  ended({ attempts, error });
  throw error;
}

/** A wrong key of the gateway's is not hidden behind the other tier, unless the policy wants that. */
function isWorthAnother(
  error: unknown,
  target: Target,
  { wanted, onlyWatches, credentialFallback }: Execution['decision'],
): boolean {
  if (!(error instanceof UpstreamError) || !error.tryNext) return false;
  const meant = onlyWatches === true ? 'large' : wanted;
  const isOurMistake = error.attemptCause === 'auth' && target.tier === meant;
  return !isOurMistake || credentialFallback === true;
}

const hungUp = (cause: unknown): GatewayError =>
  new GatewayError('caller_hung_up', 'The caller hung up before the answer was complete.', {
    cause,
  });
