/** Why a request is refused when no target is left: the code and the message. */
import type { Decision, Exclusion, Snapshot, Target } from '../core/decision.ts';
import type { ErrorCode } from '../core/errors.ts';
import { ONE_MODEL } from './embedding-target.ts';

/** Residency comes first: whatever else is wrong, the caller must know that. */
const REFUSALS: readonly (readonly [Exclusion['by'], ErrorCode, string])[] = [
  ['constraint', 'policy_residency', 'must stay local and the local model cannot take it'],
  ['key', 'caller_forbidden', 'may go nowhere else that its key allows'],
  ['budget', 'policy_budget_exceeded', 'costs more than a budget has left'],
  ['large-cap', 'policy_budget_exceeded', 'needs the large model, whose cap is reached'],
  [
    'context',
    'caller_context_length',
    'is longer than the window of every model that may answer it',
  ],
  ['capability', 'policy_not_capable', 'needs something that no model here can do'],
  ['state', 'policy_no_target', 'belongs to a conversation whose upstream cannot be asked'],
  ['unconfigured', 'policy_no_target', 'has no upstream to go to'],
];

export type Refusal = Pick<Extract<Decision, { kind: 'refuse' }>, 'code' | 'message' | 'retryAtMs'>;

interface Asked {
  readonly snapshot: Snapshot;
  readonly isEmbedding: boolean;
  /** The small tier's target, where the caller asked for it and no other may answer. */
  readonly pinned: Target | undefined;
}

export function refusal(
  excluded: readonly Exclusion[],
  { isEmbedding, pinned, snapshot }: Asked,
): Refusal {
  const short = unpaid(excluded, snapshot);
  if (short !== undefined) return short;
  const sick = notNow(excluded);
  if (sick !== undefined) return sick;
  const own = excluded.filter(({ target }) => target === pinned);
  const mustStay = excluded.some(({ by }) => by === 'constraint' || by === 'key');
  if (pinned !== undefined && own.length > 0 && !mustStay) {
    const [code] = codeOf(own);
    const message = `The caller asked for the small model, which cannot take this request (${detailsOf(own)}). Ask for 'auto' or 'large', or let the policy say 'whenUnavailable: { small: serve-large }'.`;
    return { code, message };
  }
  const more = isEmbedding ? ` ${ONE_MODEL}` : '';
  const [code, words] = codeOf(excluded);
  return { code, message: `${words} (${detailsOf(excluded)}).${more}` };
}

/** Refused because nothing could be asked at the time. */
export const isNotNow = (code: ErrorCode): boolean =>
  code === 'upstream_unavailable' || code === 'upstream_rate_limited';

/** If a target is only unhealthy: unlike the others' obstacles, that passes. */
function notNow(excluded: readonly Exclusion[]): Refusal | undefined {
  const sick = excluded.filter(({ by }) => by === 'health');
  if (sick.length === 0) return undefined;
  const isLimited = sick.every(({ name }) => name === 'limited');
  return {
    code: isLimited ? 'upstream_rate_limited' : 'upstream_unavailable',
    message: `No model that may answer this request can be asked at the moment (${detailsOf(excluded)}). Ask again after the seconds of Retry-After.`,
  };
}

/** If a target would answer but for the budget, whatever excludes the others. Not for a request that must stay. */
export function unpaid(
  excluded: readonly Exclusion[],
  { budget }: Pick<Snapshot, 'budget'>,
): Refusal | undefined {
  if (excluded.some(({ by }) => by === 'constraint')) return undefined;
  const found = excluded.find(({ by }) => by === 'budget' || by === 'large-cap');
  const short = budget.unaffordable?.find(
    ({ upstream, model }) => upstream === found?.target.upstream && model === found.target.model,
  );
  if (short === undefined) return undefined;
  const { code, reason, untilMs } = short;
  return { code, message: reason, ...(untilMs === undefined ? {} : { retryAtMs: untilMs }) };
}

function codeOf(excluded: readonly Exclusion[]): readonly [ErrorCode, string] {
  for (const [by, code, words] of REFUSALS) {
    if (excluded.some((exclusion) => exclusion.by === by)) return [code, `This request ${words}`];
  }
  return ['policy_no_target', 'The policy leaves no target'];
}

const detailsOf = (excluded: readonly Exclusion[]): string =>
  excluded.map(({ target, reason }) => `${target.upstream}: ${reason}`).join('; ');
