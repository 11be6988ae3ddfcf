/** Resolves a request's mode (its key's, else the policy's), and whether the policy acts or only observes. */
import type { Decision } from '../core/decision.ts';
import type { Mode, Policy, Situation } from '../core/policy.ts';

/** The policy with the mode of this request's key. The same object if it has no modes for keys. */
export function forKey(policy: Policy, situation: Situation): Policy {
  const special = policy.modes?.find(({ when }) => {
    try {
      return when.holds(situation);
    } catch {
      // A key without that label does not match.
      return false;
    }
  });
  return special === undefined ? policy : { ...policy, mode: special.mode };
}

/**
 * True if the policy acts, false if it only observes. In a canary each conversation has its fixed
 * draw.
 */
export function isLive({ mode }: Policy, { snapshot }: Situation): boolean {
  if (typeof mode === 'string') return mode !== 'observe';
  return 'canary' in mode && isDrawn(mode.canary, snapshot.draw);
}

/** True if this request is drawn to be sent to the other tier too. */
export function isShadowed({ mode }: Policy, { facts, snapshot }: Situation): boolean {
  if (typeof mode === 'string' || !('shadow' in mode)) return false;
  // Embeddings and passthrough routes are not evaluated, and a stored response would be stored twice.
  return facts.operation === 'chat' && isDrawn(mode.shadow, snapshot.draw);
}

const isDrawn = (share: number, draw = 1): boolean => draw < share;

/** How decisions, metrics, the admin API and the dashboard name the policy in force. */
export const shownPolicy = (policy: Policy): Decision['policy'] => ({
  name: policy.name,
  version: policy.version,
  mode: modeName(policy),
});

/** The mode's name in metrics and records. */
function modeName({ mode }: { readonly mode: Mode }): string {
  if (typeof mode === 'string') return mode;
  return 'canary' in mode ? 'canary' : 'shadow';
}
