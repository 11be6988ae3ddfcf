/** Which candidates may be asked: those that nothing excludes, as far as one tier may stand in for the other. */
import type { Exclusion, ModelSelector, Target } from '../core/decision.ts';
import type { Policy, Situation } from '../core/policy.ts';
import { ofOneModel } from './embedding-target.ts';
import { exclusionOf, hasSpareTools } from './exclusions.ts';
import type { TierPreference } from './tier-preference.ts';

export interface Filtered {
  readonly allowed: readonly Target[];
  readonly excluded: readonly Exclusion[];
}

interface Asked {
  readonly ask: ModelSelector;
  readonly served: TierPreference;
}

/**
 * Where nobody is left who has a hosted tool that need not be called, and that will not pass, the others are asked without it.
 * @param candidates in the order in which they are preferred
 */
export function reachableTargets(
  candidates: readonly Target[],
  asked: Asked,
  situation: Situation,
  policy: Policy,
): Filtered & { readonly reachable: readonly Target[] } {
  const filter = (isSparing: boolean) => {
    const possible = filterAllowed(candidates, situation, policy, isSparing);
    const isEmbedding = situation.facts.operation === 'embeddings';
    const filtered = isEmbedding ? ofOneModel(possible, candidates, situation) : possible;
    return { ...filtered, reachable: applyWhenUnavailable(filtered, candidates[0], asked, policy) };
  };
  const found = filter(false);
  if (found.reachable.length > 0 || !hasSpareTools(situation)) return found;
  const own = isPinnedSmall(asked.ask, policy) ? candidates[0] : undefined;
  const mayPass = found.excluded.some(
    ({ target, by }) => PASSING.has(by) && (own === undefined || target === own),
  );
  return mayPass ? found : filter(true);
}

function filterAllowed(
  candidates: readonly Target[],
  situation: Situation,
  policy: Policy,
  isSparing: boolean,
): Filtered {
  const allowed: Target[] = [];
  const excluded: Exclusion[] = [];
  for (const target of candidates) {
    const because = exclusionOf(target, situation, policy, isSparing);
    if (because === undefined) allowed.push(target);
    else excluded.push({ target, ...because });
  }
  return { allowed, excluded };
}

/** `whenUnavailable: refuse` removes the other tier as the fallback for one that is unavailable. */
function applyWhenUnavailable(
  { allowed, excluded }: Filtered,
  first: Target | undefined,
  { ask, served }: Asked,
  policy: Policy,
): readonly Target[] {
  if (first === undefined || first.tier === 'pinned' || served.explicit) return allowed;
  // A caller may ask for the small model so that the request does not leave: no cloud stands in.
  if (isPinnedSmall(ask, policy)) return allowed.filter((target) => target === first);
  if (policy.whenUnavailable[first.tier] !== 'refuse') return allowed;
  if (allowed.includes(first)) return [first];
  const isMissing = excluded.some(({ target, by }) => target === first && MISSING.has(by));
  return isMissing ? [] : allowed;
}

/** Reasons that hold for a while only. */
const PASSING: ReadonlySet<Exclusion['by']> = new Set(['budget', 'large-cap', 'health'] as const);

/** Reasons that make a target count as absent, rather than as unfit for this request. */
const MISSING: ReadonlySet<Exclusion['by']> = new Set([
  'unconfigured',
  'budget',
  'large-cap',
  'health',
] as const);

/** The caller asked for the small tier, and the policy does not say that the large one may answer. */
export const isPinnedSmall = (ask: ModelSelector, { whenUnavailable }: Policy): boolean =>
  ask.kind === 'tier' && ask.tier === 'small' && whenUnavailable.small !== 'serve-large';
