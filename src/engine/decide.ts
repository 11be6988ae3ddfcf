/** The decision. Pure and synchronous: no clock, no log, no randomness. Live, shadow and replay all call this function. */
import type {
  ModelSelector,
  Decision,
  Exclusion,
  RoutableTier,
  Target,
  Tier,
  UpstreamState,
} from '../core/decision.ts';
import type { Policy, Situation } from '../core/policy.ts';
import { ofOneModel } from './embedding-target.ts';
import { forKey, isLive, isShadowed, shownPolicy } from './modes.ts';
import { masking, exclusionOf } from './exclusions.ts';
import { refusal } from './refusal.ts';
import { callerPreference, preferredTiers, withShift } from './preference.ts';
import { applyStickiness, withoutDraft } from './stickiness.ts';
import type { TierPreference } from './tier-preference.ts';

const OTHER: Readonly<Record<RoutableTier, RoutableTier>> = { small: 'large', large: 'small' };

/**
 * Picks the targets, in the order they are to be tried, or refuses. Constraints only ever remove
 * targets (invariant 2), including those that the caller chose, in every mode.
 */
export function decide(ask: ModelSelector, situation: Situation, written: Policy): Decision {
  const policy = withShift(forKey(written, situation), situation);
  const complexity = complexityOf(situation);
  const first = preferredTiers(ask, complexity, situation, policy);
  const preference =
    ask.kind === 'routed'
      ? withoutDraft(applyStickiness(first, complexity, situation, policy), situation, policy)
      : first;
  const isEmbedding = situation.facts.operation === 'embeddings';
  const isActing = ask.kind !== 'routed' || isEmbedding || isLive(policy, situation);
  const served = isActing ? preference : asObserved(preference);
  const candidates = candidatesOf(ask, served, situation, policy);
  const possible = filterAllowed(candidates, situation, policy);
  const filtered = isEmbedding ? ofOneModel(possible, candidates, situation) : possible;
  const common = {
    rule: preference.rule,
    reason: preference.reason,
    complexity,
    threshold: written.threshold.value,
    ...shiftIn(situation),
    wanted: wantedTier(ask, preference, candidates),
    excluded: filtered.excluded,
    baseline: baselineOf(ask, situation, policy),
    policy: shownPolicy(policy),
    ...(isActing ? keeping(preference) : ONLY_WATCHES),
    ...credentialFallback(served, policy),
  };
  const reachable = applyWhenUnavailable(filtered, candidates[0], { ask, served }, policy);
  const isAlone = isSingle(ask, situation);
  const [target, ...rest] = isAlone ? reachable : byHealth(reachable, situation);
  if (target === undefined) {
    const pinned = isPinnedSmall(ask, policy) ? candidates[0] : undefined;
    const why = refusal(filtered.excluded, { isEmbedding, pinned, snapshot: situation.snapshot });
    return { kind: 'refuse', ...why, ...common };
  }
  const targets: [Target, ...Target[]] = isAlone ? [target] : [target, ...rest];
  const others = isActing ? [] : filtered.allowed.filter(({ tier }) => tier !== target.tier);
  const shadow = shadowOf(others, situation, policy);
  const masks = masking(situation, policy);
  return { kind: 'route', targets, ...explained(common, candidates, target), ...shadow, ...masks };
}

/** The other tier, if no constraint excludes it and it is healthy. */
function shadowOf(
  others: readonly Target[],
  situation: Situation,
  policy: Policy,
): { readonly shadow?: Target } {
  if (!isShadowed(policy, situation)) return {};
  const { upstreams } = situation.snapshot;
  const shadow = others.find((target) => isHealthy(target, upstreams[target.upstream]));
  return shadow === undefined ? {} : { shadow };
}

const shiftIn = ({ snapshot: { budget } }: Situation): { readonly shift?: number } =>
  budget.shift === undefined ? {} : { shift: budget.shift };

const ONLY_WATCHES = { onlyWatches: true } as const;

const keeping = ({ cacheMs }: TierPreference): { readonly cacheMs?: number } =>
  cacheMs === undefined ? {} : { cacheMs };

/** A rule that lists its second choice itself wants it whatever the first one's failure. */
const credentialFallback = (
  { explicit }: TierPreference,
  { whenUnavailable }: Policy,
): { readonly credentialFallback?: true } =>
  explicit || whenUnavailable.credentials === 'serve-other' ? { credentialFallback: true } : {};

function wantedTier(
  ask: ModelSelector,
  preference: TierPreference,
  candidates: readonly Target[],
): Tier {
  return ask.kind === 'pinned'
    ? (candidates[0]?.tier ?? 'pinned')
    : (preference.tiers[0] ?? 'large');
}

function complexityOf({ readings }: Situation): number | null {
  const reading = readings['complexity'];
  return reading?.kind === 'score' ? reading.score : null;
}

/** Observe mode: everything goes where it went before there was a policy. */
const asObserved = (preference: TierPreference): TierPreference => ({
  ...preference,
  tiers: ['large'],
  explicit: false,
});

function candidatesOf(
  ask: ModelSelector,
  preference: TierPreference,
  { facts, snapshot }: Situation,
  policy: Policy,
): readonly Target[] {
  const known = snapshot.upstreams;
  if (ask.kind === 'pinned') {
    const tier = tierOf(ask.upstream, policy);
    const locality = known[ask.upstream]?.locality ?? 'cloud';
    return [{ tier, upstream: ask.upstream, model: ask.model, locality }];
  }
  const [first = 'large'] = preference.tiers;
  const isOne =
    facts.operation === 'passthrough' || (facts.operation === 'embeddings' && ask.kind === 'tier');
  const tiers = isOne ? [first] : [first, OTHER[first]];
  return tiers.map((tier) => {
    const { upstream, model } = policy.targets[tier];
    const state = known[upstream];
    const asked = tier === 'large' && ask.kind === 'routed' ? ask.largeModel : undefined;
    return {
      tier,
      upstream,
      model: asked ?? model ?? state?.model ?? '',
      locality: state?.locality ?? 'cloud',
    };
  });
}

const isSame = (a: Target, b: Target): boolean => a.upstream === b.upstream && a.model === b.model;

/** Every target that a decision could name for this request, before anything is excluded. */
export function conceivable(
  ask: ModelSelector,
  situation: Situation,
  policy: Policy,
): readonly Target[] {
  const tiers: readonly RoutableTier[] = ['small', 'large'];
  const each = tiers.flatMap((tier) =>
    candidatesOf(ask, callerPreference(tier, ''), situation, policy),
  );
  return each.filter((target, at) => each.findIndex((other) => isSame(other, target)) === at);
}

function tierOf(upstream: string, { targets }: Policy): Tier {
  if (targets.small.upstream === upstream) return 'small';
  return targets.large.upstream === upstream ? 'large' : 'pinned';
}

/** The large target that this request would have used without routing. */
function baselineOf(
  ask: ModelSelector,
  { snapshot }: Situation,
  { targets }: Policy,
): Pick<Target, 'upstream' | 'model'> {
  const { upstream, model } = targets.large;
  const asked = ask.kind === 'routed' ? ask.largeModel : undefined;
  return { upstream, model: asked ?? model ?? snapshot.upstreams[upstream]?.model ?? '' };
}

interface Filtered {
  readonly allowed: readonly Target[];
  readonly excluded: readonly Exclusion[];
}

function filterAllowed(
  candidates: readonly Target[],
  situation: Situation,
  policy: Policy,
): Filtered {
  const allowed: Target[] = [];
  const excluded: Exclusion[] = [];
  for (const target of candidates) {
    const because = exclusionOf(target, situation, policy);
    if (because === undefined) allowed.push(target);
    else excluded.push({ target, ...because });
  }
  return { allowed, excluded };
}

/** `whenUnavailable: refuse` removes the other tier as the fallback for one that is unavailable. */
function applyWhenUnavailable(
  { allowed, excluded }: Filtered,
  first: Target | undefined,
  { ask, served }: { readonly ask: ModelSelector; readonly served: TierPreference },
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

/** What is as if it were not there, rather than unfit for this request. */
const MISSING: ReadonlySet<Exclusion['by']> = new Set([
  'unconfigured',
  'budget',
  'large-cap',
  'health',
] as const);

/** The caller asked for the small tier, and the policy does not say that the large one may answer. */
const isPinnedSmall = (ask: ModelSelector, { whenUnavailable }: Policy): boolean =>
  ask.kind === 'tier' && ask.tier === 'small' && whenUnavailable.small !== 'serve-large';

/** Sick upstreams go last; those that are not asked at all are excluded before. */
function byHealth(targets: readonly Target[], { snapshot }: Situation): readonly Target[] {
  const isWell = (target: Target): boolean =>
    isHealthy(target, snapshot.upstreams[target.upstream]);
  return [...targets.filter(isWell), ...targets.filter((target) => !isWell(target))];
}

const isHealthy = ({ model }: Target, state: UpstreamState | undefined): boolean =>
  state?.unhealthyModels === undefined
    ? (state?.healthy ?? true)
    : !state.unhealthyModels.includes(model);

/** Vectors of two models do not mix, and a thread's state lives in one place: no second target then. */
function isSingle(ask: ModelSelector, { facts, snapshot }: Situation): boolean {
  return (
    ask.kind === 'pinned' || facts.operation === 'embeddings' || snapshot.boundTo !== undefined
  );
}

type Common = Omit<Extract<Decision, { kind: 'route' }>, 'kind' | 'targets'>;

/** Names the constraint that decided, and says why the first target is not the preferred one. */
function explained(common: Common, candidates: readonly Target[], first: Target): Common {
  const preferred = candidates[0];
  if (preferred === undefined || first === preferred) return common;
  const cause = common.excluded.find(({ target }) => target === preferred);
  if (cause === undefined) return { ...common, degraded: `${preferred.upstream}-unhealthy` };
  const { by, name, reason } = cause;
  if (by === 'constraint') return { ...common, rule: name, reason };
  if (by === 'key') return { ...common, rule: 'key', reason };
  if (by === 'state') return { ...common, rule: 'thread-state', reason };
  return { ...common, degraded: degradedBy(cause) };
}

function degradedBy({ by, name, target }: Exclusion): string {
  if (by === 'unconfigured') return `${target.upstream}-unconfigured`;
  if (by === 'health') return `${target.upstream}-unhealthy`;
  if (by === 'capability') return `no-${name}`;
  return by === 'context' ? 'context-window' : by;
}
