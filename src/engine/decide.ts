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
import type { Writable } from '../lib/writable.ts';
import { forKey, isLive, isShadowed, shownPolicy } from './modes.ts';
import { masking } from './exclusions.ts';
import { inItsLanguage } from './other-language.ts';
import { isPinnedSmall, reachableTargets } from './reachable-targets.ts';
import { refusal } from './refusal.ts';
import { callerPreference, preferredTiers, withShift } from './preferred-tiers.ts';
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
  const kept =
    ask.kind === 'routed'
      ? withoutDraft(applyStickiness(first, complexity, situation, policy), situation, policy)
      : first;
  const preference = inItsLanguage(kept, ask, situation, policy);
  const isEmbedding = situation.facts.operation === 'embeddings';
  const isActing = ask.kind !== 'routed' || isEmbedding || isLive(policy, situation);
  const served = isActing ? preference : asObserved(preference);
  const candidates = candidatesOf(ask, served, situation, policy);
  const filtered = reachableTargets(candidates, { ask, served }, situation, policy);
  const common: Common = {
    rule: preference.rule,
    reason: preference.reason,
    complexity,
    threshold: written.threshold.value,
    wanted: wantedTier(ask, preference, candidates),
    excluded: filtered.excluded,
    baseline: baselineOf(ask, situation, policy),
    policy: shownPolicy(policy),
  };
  addSeldom(common, { preference, served, isActing }, situation, policy);
  const { reachable } = filtered;
  const isAlone = isSingle(ask, situation);
  const ordered = isAlone ? reachable.slice(0, 1) : byHealth(reachable, situation);
  if (!isAny(ordered)) {
    const pinned = isPinnedSmall(ask, policy) ? candidates[0] : undefined;
    const why = refusal(filtered.excluded, { isEmbedding, pinned, snapshot: situation.snapshot });
    return { kind: 'refuse', ...why, ...common };
  }
  explain(common, candidates[0], ordered[0]);
  const shadow = isActing ? undefined : shadowOf(ordered[0], filtered.allowed, situation, policy);
  if (shadow !== undefined) common.shadow = shadow;
  const redact = masking(situation, policy);
  if (redact !== undefined) common.redact = redact;
  return { ...common, kind: 'route', targets: ordered };
}

const isAny = (targets: readonly Target[]): targets is readonly [Target, ...Target[]] =>
  targets.length > 0;

interface Preferred {
  readonly preference: TierPreference;
  /** What is served; it differs from the preference if the policy only observes. */
  readonly served: TierPreference;
  readonly isActing: boolean;
}

function addSeldom(
  common: Common,
  { preference, served, isActing }: Preferred,
  { snapshot }: Situation,
  policy: Policy,
): void {
  const { shift } = snapshot.budget;
  if (shift !== undefined) common.shift = shift;
  if (!isActing) common.onlyWatches = true;
  else if (preference.cacheMs !== undefined) common.cacheMs = preference.cacheMs;
  if (mayReplaceCredentials(served, policy)) common.credentialFallback = true;
}

/** A decision without its targets. */
type Common = Writable<Omit<Extract<Decision, { kind: 'route' }>, 'kind' | 'targets'>>;

/** The other tier, if no constraint excludes it and it is healthy. */
function shadowOf(
  { tier }: Target,
  allowed: readonly Target[],
  situation: Situation,
  policy: Policy,
): Target | undefined {
  if (!isShadowed(policy, situation)) return undefined;
  const { upstreams } = situation.snapshot;
  return allowed.find(
    (other) => other.tier !== tier && isHealthy(other, upstreams[other.upstream]),
  );
}

/** A rule that lists a second choice wants it whatever made the first one fail. */
const mayReplaceCredentials = (
  { explicit }: TierPreference,
  { whenUnavailable }: Policy,
): boolean => explicit || whenUnavailable.credentials === 'serve-other';

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

/** Every target that a decision could name for this request, before any is excluded. */
export function possibleTargets(
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

/** Unhealthy upstreams go last; those that must not be asked at all were excluded before. */
function byHealth(targets: readonly Target[], { snapshot }: Situation): readonly Target[] {
  const isWell = (target: Target): boolean =>
    isHealthy(target, snapshot.upstreams[target.upstream]);
  if (targets.every(isWell)) return targets;
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

/** Names the constraint that decided, and says why the first target is not the preferred one. */
function explain(common: Common, preferred: Target | undefined, first: Target): void {
  if (preferred === undefined || first === preferred) return;
  const cause = common.excluded.find(({ target }) => target === preferred);
  if (cause === undefined) common.degraded = `${preferred.upstream}-unhealthy`;
  else if (cause.by === 'constraint') explainBy(common, cause.name, cause);
  else if (cause.by === 'key') explainBy(common, 'key', cause);
  else if (cause.by === 'state') explainBy(common, 'thread-state', cause);
  else common.degraded = degradedBy(cause);
}

function explainBy(common: Common, rule: string, { reason }: Exclusion): void {
  common.rule = rule;
  common.reason = reason;
}

function degradedBy({ by, name, target }: Exclusion): string {
  if (by === 'unconfigured') return `${target.upstream}-unconfigured`;
  if (by === 'health') return `${target.upstream}-unhealthy`;
  if (by === 'capability') return `no-${name}`;
  return by === 'context' ? 'context-window' : by;
}
