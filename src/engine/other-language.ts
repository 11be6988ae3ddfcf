/** A request in a language that the small model was not made for goes to the large one. */
import type { ModelSelector, UpstreamState } from '../core/decision.ts';
import type { Policy, Situation } from '../core/policy.ts';
import type { TierPreference } from './tier-preference.ts';

/**
 * How sure the signal must be of the language. From here on, of 452 requests in English none was taken for another language (from .8
 * on one), and of 662 in fifteen others 563 were recognised, none of them wrongly (`test/sure-languages.test.ts`).
 */
export const SURE = 0.9;

/**
 * The large tier in place of a small model that would answer badly and at length. Not where the caller chose, nor a rule or a domain of the policy: a domain
 * is a task that the small model is known to do. Not within a tool loop, and not where the large model does not know the language either.
 */
export function inItsLanguage(
  preference: TierPreference,
  ask: ModelSelector,
  situation: Situation,
  policy: Policy,
): TierPreference {
  if (ask.kind !== 'routed' || preference.tiers[0] !== 'small') return preference;
  if (situation.facts.isToolLoop === true || isPolicys(preference, policy)) return preference;
  const language = languageOf(situation);
  if (language === undefined) return preference;
  const { small, large } = policy.targets;
  const known = languagesOf(small, situation);
  if (known === undefined || known.includes(language)) return preference;
  if (languagesOf(large, situation)?.includes(language) === false) return preference;
  const reason = `the request is in ${language}; the small model, ${small.upstream}, was made for ${known.join(', ')}`;
  return { rule: 'other-language', reason, tiers: ['large'], explicit: false };
}

const isPolicys = ({ rule }: TierPreference, { rules }: Policy): boolean =>
  rule.startsWith('domain:') || rules.some(({ name }) => name === rule);

function languageOf({ readings }: Situation): string | undefined {
  const reading = readings['language'];
  return reading?.kind === 'score' && reading.score >= SURE ? reading.value : undefined;
}

/** Of another model than the upstream's own nothing is known. */
function languagesOf(
  { upstream, model }: Policy['targets']['small'],
  { snapshot }: Situation,
): UpstreamState['languages'] {
  const state = snapshot.upstreams[upstream];
  return model === undefined || model === state?.model ? state?.languages : undefined;
}
