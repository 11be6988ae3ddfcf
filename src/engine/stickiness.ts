/**
 * Session affinity: a conversation keeps its tier. It goes up at the threshold; it comes down only if that is worth losing the
 * prompt cache and prefilling the conversation again. Within a tool loop the tier never changes.
 */
import type { Policy, Situation } from '../core/policy.ts';
import type { RequestFacts } from '../core/signal.ts';
import type { TierPreference } from './tier-preference.ts';

/**
 * How far below the threshold, as a share of it, a turn must score before its conversation comes down: 0.3 for a short thread,
 * 0.7 from `LONG_THREAD_TOKENS` on. The band (hysteresis) keeps scores near the threshold from moving a conversation back and
 * forth; its width is a choice, not a measurement.
 */
const SHORT_THREAD_BAND = 0.3;
const LONG_THREAD_BAND = 0.7;
const LONG_THREAD_TOKENS = 8000;

/** The preference, or the conversation's present tier if moving would cost more than it gains. */
export function applyStickiness(
  preference: TierPreference,
  complexity: number | null,
  { facts, snapshot }: Situation,
  policy: Policy,
): TierPreference {
  const tier = snapshot.thread?.tier;
  if (tier === undefined || tier === 'pinned' || policy.mode === 'off') return preference;
  if (preference.tiers[0] === tier || preference.rule === 'embeddings') return preference;
  const stays = reasonToStay(tier, preference, { facts, snapshot });
  if (stays !== undefined) return keepTier(tier, stays);
  if (tier === 'small' || preference.rule !== 'objective') return preference;
  const bar = policy.threshold.value * (1 - band(facts.inputTokens));
  if (complexity !== null && complexity < bar) return preference;
  return keepTier(
    tier,
    `the conversation is with the large model; it comes down below ${bar.toFixed(2)}`,
  );
}

/** Where the user speaks, going up stays possible: what is asked now may be more than the loop was begun for. */
const mustGoOn = (tier: 'small' | 'large', { isToolLoop, isInterrupted }: RequestFacts): boolean =>
  isToolLoop === true && (tier === 'large' || isInterrupted !== true);

/** A conversation whose small answers were replaced so often stays with the large model. */
const MOST_ESCALATIONS = 2;

function reasonToStay(
  tier: 'small' | 'large',
  { explicit }: TierPreference,
  { facts, snapshot: { thread } }: Pick<Situation, 'facts' | 'snapshot'>,
): string | undefined {
  if (mustGoOn(tier, facts))
    return 'a tool has answered the model that called it, so that model goes on';
  const isSettled = tier === 'large' && (thread?.escalations ?? 0) >= MOST_ESCALATIONS;
  if (!isSettled || explicit) return undefined;
  return `the small model's answers were replaced ${MOST_ESCALATIONS} times`;
}

const band = (tokens: number): number =>
  SHORT_THREAD_BAND +
  (LONG_THREAD_BAND - SHORT_THREAD_BAND) * Math.min(1, tokens / LONG_THREAD_TOKENS);

const keepTier = (tier: 'small' | 'large', reason: string): TierPreference => ({
  rule: 'thread',
  reason,
  tiers: [tier],
  explicit: false,
});

/** Where small answers of a kind lose more than they save, the large model is asked at once. */
export function withoutDraft(
  preference: TierPreference,
  { facts, snapshot }: Situation,
  { verify }: Policy,
): TierPreference {
  if (snapshot.draftsLose !== true || verify?.onFail !== 'escalate') return preference;
  if (preference.tiers[0] !== 'small' || facts.isToolLoop === true) return preference;
  const reason =
    'small answers to such requests were replaced so often that they cost more than they save';
  return { rule: 'drafts-lose', reason, tiers: ['large'], explicit: false };
}
