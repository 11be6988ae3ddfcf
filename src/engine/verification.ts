/** Whether a request's small answer is checked, and what a check may lead to. */
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import type { Trial, Verifier, VerifyPolicy } from '../core/verify.ts';
import type { EscalationShare } from './escalation-share.ts';
import type { Routing } from './routing.ts';

export interface Verification {
  readonly hold: VerifyPolicy['hold'];
  /** An answer that fails is answered by the large model instead, where the decision has one. */
  readonly escalates: boolean;
  /** So is one that could not be judged. */
  readonly escalatesUndecided: boolean;
  /** An answer that fails is not given where constraints leave no large model. */
  readonly refusesKept: boolean;
  /** A stream ends where something is found after its beginning was passed on. */
  readonly withdraws: boolean;
  /** Undefined where there is nothing to check. */
  begin(target: Target): Trial | undefined;
  /** How the small answer ended. */
  ended(isReplaced: boolean): void;
}

export interface VerificationTools {
  readonly verifier?: Verifier;
  readonly shares: EscalationShare;
}

/**
 * Undefined where the policy wants no check, where the caller named the target or wants none, and where the policy
 * does not act. In the middle of a tool loop an answer is checked and never replaced: the model that called goes on.
 */
export function verificationOf(
  call: Call,
  routing: Routing,
  { verifier, shares }: VerificationTools,
): Verification | undefined {
  const { verify } = routing.policy;
  if (verify === undefined || verifier === undefined) return undefined;
  if (!isChecked(call, routing)) return undefined;
  if (verify.when !== undefined && !holds(verify.when, routing)) return undefined;
  const { features, readings, snapshot } = routing;
  const kind = kindOf(routing);
  const isActing = verify.onFail === 'escalate' && features.facts.isToolLoop !== true;
  const escalates = isActing && !shares.isSpent(kind, verify.maxShare);
  return {
    hold: verify.hold,
    escalates,
    escalatesUndecided: escalates && verify.onUndecided === 'escalate',
    refusesKept: isActing && verify.onKept === 'refuse',
    withdraws: isActing && verify.afterRelease === 'withdraw',
    ended: (isReplaced) => shares.ended(kind, isReplaced),
    begin: ({ upstream, model }) => {
      const state = snapshot.upstreams[upstream];
      // the digest is that of the upstream's own model
      const modelDigest = state?.model === model ? state.modelDigest : undefined;
      const answering = { model, modelDigest };
      return verifier.begin({ call, features, readings, answering }, verify);
    },
  };
}

const isChecked = (call: Call, { ask, decision }: Routing): boolean =>
  ask.kind === 'routed' &&
  decision.kind === 'route' &&
  decision.onlyWatches !== true &&
  !wantsNone(call);

/** A caller who may choose where its requests go may also take the answers as they are. */
export const wantsNone = ({ wantsNoCheck, caller }: Call): boolean =>
  wantsNoCheck === true && caller.mayOverride;

/** The domain, where one is told. */
function kindOf({ readings: { domain } }: Routing): string {
  return domain?.kind === 'score' ? (domain.value ?? '') : '';
}

/** A condition that cannot be evaluated holds: the answer is checked. */
function holds(
  condition: NonNullable<NonNullable<Routing['policy']['verify']>['when']>,
  { features: { facts }, readings, snapshot }: Routing,
): boolean {
  try {
    return condition.holds({ facts, readings, snapshot });
  } catch {
    return true;
  }
}
