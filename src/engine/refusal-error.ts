/** Makes the error that a refused caller gets. */
import type { Call } from '../core/call.ts';
import type { Decision, Snapshot } from '../core/decision.ts';
import { GatewayError } from '../core/errors.ts';
import { isNotNow, unpaid, type Refusal } from './refusal.ts';
import type { Routing } from './routing.ts';

/** Why another target could not be asked, if only money was missing: the error for when none of the others answers. */
export function unpaidError(call: Call, { decision, snapshot }: Routing): GatewayError | undefined {
  const short = unpaid(decision.excluded, snapshot);
  return short === undefined ? undefined : refusalError(call, short);
}

export function refusalError(call: Call, { code, message, retryAtMs }: Refusal): GatewayError {
  if (call.operation === 'passthrough' && !isAboutMoney(code)) {
    if (call.path === '/responses/compact') return notCompacted(code, message);
    const invalid = `Invalid URL (${call.method} /v1${call.path})`;
    return new GatewayError('caller_unknown_route', `${invalid}. ${message}`, { wireCode: null });
  }
  const wireCode = code === 'caller_context_length' ? 'context_length_exceeded' : code;
  const isSpent = code === 'policy_budget_exceeded';
  const headers = isSpent ? untilPaid(retryAtMs, call.receivedAtMs) : {};
  return new GatewayError(code, message, { wireCode, headers });
}

/** The route exists; what it makes can be read only where it was made. Asking again would be in vain. */
const notCompacted = (code: Refusal['code'], why: string): GatewayError =>
  new GatewayError(
    code === 'policy_no_target' ? 'policy_not_capable' : code,
    `A conversation is compacted by the cloud that goes on with it, and no small model could read what comes of that: send the conversation itself, or fewer of its items. ${why}`,
  );

/** With these codes the route exists and would answer. */
const isAboutMoney = (code: Refusal['code']): boolean =>
  code === 'policy_budget_exceeded' || code === 'policy_unpriced';

/** Every target that may answer is cooling down; `Retry-After` says when the first of them may be asked again. */
export function notNowError(
  { code, message, excluded }: Extract<Decision, { kind: 'refuse' }>,
  { upstreams }: Snapshot,
): GatewayError | undefined {
  if (!isNotNow(code)) return undefined;
  const waits = excluded.flatMap(({ by, target }) =>
    by === 'health' ? [upstreams[target.upstream]?.askableInMs ?? 0] : [],
  );
  return new GatewayError(code, message, { headers: retryAfter(Math.min(...waits)) });
}

const retryAfter = (ms: number): Readonly<Record<string, string>> => ({
  'retry-after': String(Math.max(1, Math.ceil(ms / 1000))),
});

/** When there is money again; an immediate retry by the SDK would be in vain. */
const untilPaid = (retryAtMs: number | undefined, nowMs: number) => ({
  'x-should-retry': 'false',
  ...(retryAtMs === undefined ? {} : retryAfter(retryAtMs - nowMs)),
});
