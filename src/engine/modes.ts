/** Which mode a request is under: its key's, else the policy's. And whether the policy then acts, or looks on. */
import type { Decision } from '../core/decision.ts';
import type { Mode, Policy, Situation } from '../core/policy.ts';

/** The policy as it is for this request's key. The same object where it says nothing of keys. */
export function forKey(policy: Policy, situation: Situation): Policy {
  const special = policy.modes?.find(({ when }) => {
    try {
      return when.holds(situation);
    } catch {
      // A key without the label that is asked for is none of those meant.
      return false;
    }
  });
  return special === undefined ? policy : { ...policy, mode: special.mode };
}

/** Does the policy act, or does it only watch? In a canary each thread has its own fixed draw. */
export function isLive({ mode }: Policy, { snapshot }: Situation): boolean {
  if (typeof mode === 'string') return mode !== 'observe';
  return 'canary' in mode && isDrawn(mode.canary, snapshot.draw);
}

/** Whether this request is one of those that are asked of the other tier too. */
export function isShadowed({ mode }: Policy, { facts, snapshot }: Situation): boolean {
  if (typeof mode === 'string' || !('shadow' in mode)) return false;
  // Embeddings and passed-on routes are not judged, and a stored response would be stored twice.
  return facts.operation === 'chat' && isDrawn(mode.shadow, snapshot.draw);
}

const isDrawn = (share: number, draw = 1): boolean => draw < share;

/** How decisions, metrics, the admin API and the dashboard name the policy in force. */
export const shownPolicy = (policy: Policy): Decision['policy'] => ({
  name: policy.name,
  version: policy.version,
  mode: modeName(policy),
});

/** As metrics and records call it. */
function modeName({ mode }: { readonly mode: Mode }): string {
  if (typeof mode === 'string') return mode;
  return 'canary' in mode ? 'canary' : 'shadow';
}
