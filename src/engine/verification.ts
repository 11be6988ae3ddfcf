/** Whether a request's small answer is checked, and what a check may lead to. */
import type { Call } from '../core/call.ts';
import type { Target } from '../core/decision.ts';
import type { Trial, Verifier, VerifyPolicy } from '../core/verify.ts';
import type { Routing } from './routing.ts';

export interface Verification {
  readonly hold: VerifyPolicy['hold'];
  /** An answer that fails is answered by the large model instead, where the decision has one. */
  readonly escalates: boolean;
  /** Undefined where there is nothing to check. */
  begin(target: Target): Trial | undefined;
}

/**
 * Undefined where the policy wants no check, where its target was named by the caller, and where the policy does
 * not act. In the middle of a tool loop an answer is checked and never replaced: the model that called goes on.
 */
export function verificationOf(
  call: Call,
  routing: Routing,
  verifier: Verifier | undefined,
): Verification | undefined {
  const { ask, decision, features, policy, readings, snapshot } = routing;
  const { verify } = policy;
  if (verify === undefined || verifier === undefined || ask.kind !== 'routed') return undefined;
  if (decision.kind !== 'route' || decision.onlyWatches === true) return undefined;
  if (verify.when !== undefined && !holds(verify.when, routing)) return undefined;
  return {
    hold: verify.hold,
    escalates: verify.onFail === 'escalate' && features.facts.isToolLoop !== true,
    begin: ({ upstream, model }) => {
      const state = snapshot.upstreams[upstream];
      // the digest is that of the upstream's own model
      const modelDigest = state?.model === model ? state.modelDigest : undefined;
      const answering = { model, modelDigest };
      return verifier.begin({ call, features, readings, answering }, verify);
    },
  };
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
