/** Which tiers a policy prefers for a request, before stickiness and exclusions: by what the caller asked, its rules, domains, objective. */
import type { ModelSelector, RoutableTier } from '../core/decision.ts';
import type { Condition, Policy, Situation } from '../core/policy.ts';
import { distinctDecimals } from './distinct-decimals.ts';
import { embeddingTier } from './embedding-target.ts';
import type { TierPreference } from './tier-preference.ts';

/** While a paced budget is spent too fast, a request must be harder to be worth the large model. */
export function withShift(policy: Policy, situation: Situation): Policy {
  const { shift } = situation.snapshot.budget;
  if (shift === undefined) return policy;
  const { value, from } = policy.threshold;
  return { ...policy, threshold: { value: value + shift, from } };
}

export function preferredTiers(
  ask: ModelSelector,
  complexity: number | null,
  situation: Situation,
  policy: Policy,
): TierPreference {
  if (ask.kind === 'tier') return callerPreference(ask.tier, `the caller asked for '${ask.tier}'`);
  if (ask.kind === 'pinned') return callerPreference('large', `the caller named ${ask.upstream}`);
  if (situation.facts.operation === 'embeddings') return embeddingTier(ask);
  if (policy.mode === 'off') {
    return { rule: 'mode-off', reason: 'routing is off', tiers: ['large'], explicit: false };
  }
  return (
    byRule(situation, policy) ??
    byDomain(situation, policy) ??
    byObjective(complexity, situation, policy)
  );
}

export const callerPreference = (tier: RoutableTier, reason: string): TierPreference => ({
  rule: 'caller',
  reason,
  tiers: [tier],
  explicit: false,
});

function byRule(situation: Situation, policy: Policy): TierPreference | undefined {
  const rule = policy.rules.find(({ when }) => matches(when, situation));
  if (rule === undefined) return undefined;
  const explicit = rule.use.length > 1;
  return {
    rule: rule.name,
    reason: `rule: ${rule.when.source}`,
    tiers: rule.use,
    explicit,
    ...(rule.cacheMs === undefined ? {} : { cacheMs: rule.cacheMs }),
  };
}

/** A rule whose condition cannot be evaluated does not match; a constraint's holds (see `exclusions.ts`). */
function matches(when: Condition, situation: Situation): boolean {
  try {
    return when.holds(situation);
  } catch {
    return false;
  }
}

function byDomain({ readings }: Situation, policy: Policy): TierPreference | undefined {
  const reading = readings['domain'];
  if (reading?.kind !== 'score' || reading.value === undefined) return undefined;
  const domain = policy.domains.find(({ name }) => name === reading.value);
  if (domain === undefined) return undefined;
  const reason = `recognised as the task '${domain.name}'`;
  return { rule: `domain:${domain.name}`, reason, tiers: [domain.use], explicit: false };
}

function byObjective(
  complexity: number | null,
  { snapshot }: Situation,
  policy: Policy,
): TierPreference {
  const threshold = policy.threshold.value;
  if (complexity === null) {
    const reason = 'no signal could judge the complexity, which counts as complex';
    return { rule: 'objective', reason, tiers: ['large'], explicit: false };
  }
  const isComplex = complexity >= threshold;
  const [is, bar] = distinctDecimals(complexity, threshold);
  const { shift } = snapshot.budget;
  const forBudget = shift === undefined ? '' : `, ${shift} of it so that a budget lasts`;
  const reason = `complexity ${is} is ${isComplex ? 'at or above' : 'below'} ${bar}${forBudget}`;
  return { rule: 'objective', reason, tiers: [isComplex ? 'large' : 'small'], explicit: false };
}
