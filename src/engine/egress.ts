/**
 * The only place where a request is sent to an upstream. Every send (first attempt, fallback, escalation, shadow) goes through
 * here, so that residency can be verified by reading one function.
 */
import { GatewayError } from '../core/errors.ts';
import type { Decision, Target } from '../core/decision.ts';
import type { Answer, Upstream, UpstreamRequest } from '../core/upstream.ts';

export type Upstreams = ReadonlyMap<string, Upstream>;

/**
 * Sends to a target of the decision or to its shadow, and to nothing else (invariant 3).
 * @throws GatewayError `policy_residency` when the target is not the decision's, or its upstream has another locality than the
 * decision assumed: a bug or a changed configuration must never become a leak.
 */
export function send(
  request: UpstreamRequest,
  target: Target,
  decision: Extract<Decision, { kind: 'route' }>,
  { upstreams, abort }: { readonly upstreams: Upstreams; readonly abort: AbortSignal },
): Promise<Answer> {
  const upstream = upstreams.get(target.upstream);
  const isDecided = decision.targets.includes(target) || decision.shadow === target;
  if (!isDecided || upstream?.locality !== target.locality) {
    throw new GatewayError(
      'policy_residency',
      `'${target.upstream}' is not a target of this request's decision; nothing was sent.`,
    );
  }
  // Only requests to cloud upstreams are masked; local upstreams receive the original text.
  const redact = target.locality === 'local' ? undefined : decision.redact;
  if (redact === undefined) return upstream.send(request, abort);
  if (upstream.masks !== true) {
    throw new GatewayError(
      'policy_residency',
      `'${target.upstream}' may be sent this request masked only, and nothing here masks it; nothing was sent.`,
    );
  }
  return upstream.send({ ...request, redact }, abort);
}
