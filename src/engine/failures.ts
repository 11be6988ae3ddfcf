/** What a failed attempt means for the rest of its request. */
import type { Decision, Target } from '../core/decision.ts';
import { GatewayError, UpstreamError, type AttemptCause } from '../core/errors.ts';

/** Whether another target may be tried. A wrong key of the gateway's own is not hidden by the other tier, unless the policy wants that. */
export function isWorthAnother(
  error: unknown,
  target: Target,
  { wanted, onlyWatches, credentialFallback }: Decision,
): boolean {
  if (!(error instanceof UpstreamError)) return isUnpaid(error);
  if (!error.tryNext) return false;
  const meant = onlyWatches === true ? 'large' : wanted;
  const isOurMistake = error.attemptCause === 'auth' && target.tier === meant;
  return !isOurMistake || credentialFallback === true;
}

/** The request was sent, and neither answered nor refused. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  UNKNOWN.has(error.attemptCause) &&
  error.upstreamStatus === undefined;

const UNKNOWN: ReadonlySet<AttemptCause> = new Set<AttemptCause>(['timeout', 'interrupted']);

/** Nothing was sent, and a free target may still answer. */
const isUnpaid = (error: unknown): boolean =>
  error instanceof GatewayError &&
  (error.code === 'policy_budget_exceeded' || error.code === 'gateway_ledger_unavailable');

/** Why a request was stopped: by our own limit or shutdown (the signal's reason), or by the caller. */
export const stoppedBy = ({ reason }: AbortSignal, cause: unknown): unknown =>
  reason instanceof GatewayError ? reason : hungUp(cause);

export const hungUp = (cause: unknown): GatewayError =>
  new GatewayError('caller_hung_up', 'The caller hung up before the answer was complete.', {
    cause,
  });

/** What the record of an attempt says of its failure. */
export function recordedFailure(error: unknown): { cause?: AttemptCause; status?: number } {
  if (!(error instanceof UpstreamError)) return { cause: 'bad_answer' };
  const status = error.upstreamStatus;
  return { cause: error.attemptCause, ...(status === undefined ? {} : { status }) };
}
