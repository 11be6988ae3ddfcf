/** Which target answers embeddings of a name: one index must not hold vectors of two models. */
import type { ModelSelector, RoutableTier, Target } from '../core/decision.ts';
import type { Situation } from '../core/policy.ts';
import type { TierPreference } from './tier-preference.ts';

/**
 * The tier is not chosen by complexity, load or mode. A large model's own name goes to that model first: the caller may hold vectors of
 * it.
 */
export function embeddingTier(ask: Extract<ModelSelector, { kind: 'routed' }>): TierPreference {
  const tier: RoutableTier = ask.largeModel === undefined ? 'small' : 'large';
  const reason = 'all embeddings of one name come from one model, the local one for `auto`';
  return { rule: 'embeddings', reason, tiers: [tier], explicit: false };
}

/**
 * Keeps only the first allowed candidate that is configured and makes embeddings at all. No property of a single request moves it to
 * another model: if the model cannot take it, it is refused.
 */
export function ofOneModel<Filtered extends { readonly allowed: readonly Target[] }>(
  filtered: Filtered,
  candidates: readonly Target[],
  { snapshot }: Situation,
): Filtered {
  const one = candidates.find(({ upstream }) => {
    const state = snapshot.upstreams[upstream];
    return state?.configured === true && state.capabilities.has('embeddings');
  });
  return { ...filtered, allowed: filtered.allowed.filter((target) => target === one) };
}

/** Added to a refusal, to explain why the other model was not asked. */
export const ONE_MODEL =
  'All embeddings of one name come from one model, so no other was asked: shorten or split the input, or name another model as <upstream>/<model> and index everything with it.';
