/**
 * A conversation keeps its model. Going up is easy; coming down must be worth the prompt cache that is
 * lost and the second reading of everything said so far. Within a tool loop nothing changes at all.
 */
import type { Policy, Situation } from '../core/policy.ts';
import type { RequestFacts } from '../core/signal.ts';
import type { TierPreference } from './tier-preference.ts';

/**
 * How far below the threshold, as a share of it, a turn must fall before its thread comes down: 0.3 for
 * a short thread, 0.7 from `LONG_THREAD_TOKENS` on. A band of this kind is what keeps scores that waver
 * around the threshold from moving a thread back and forth; its width is a choice, not a measurement.
 */
const SHORT_THREAD_BAND = 0.3;
const LONG_THREAD_BAND = 0.7;
const LONG_THREAD_TOKENS = 8000;

/** The preference, or the thread's present tier where moving would cost more than it brings. */
export function applyStickiness(
  preference: TierPreference,
  complexity: number | null,
  { facts, snapshot }: Situation,
  policy: Policy,
): TierPreference {
  const tier = snapshot.thread?.tier;
  if (tier === undefined || tier === 'pinned' || policy.mode === 'off') return preference;
  if (preference.tiers[0] === tier || preference.rule === 'embeddings') return preference;
  if (mustGoOn(tier, facts)) {
    return keepTier(tier, 'a tool has answered the model that called it, so that model goes on');
  }
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

const band = (tokens: number): number =>
  SHORT_THREAD_BAND +
  (LONG_THREAD_BAND - SHORT_THREAD_BAND) * Math.min(1, tokens / LONG_THREAD_TOKENS);

const keepTier = (tier: 'small' | 'large', reason: string): TierPreference => ({
  rule: 'thread',
  reason,
  tiers: [tier],
  explicit: false,
});
