/** The lines that a gateway prints when it starts. */
import type { Policy } from '../core/policy.ts';
import { neverWithoutBudget } from '../policy/without-budget.ts';
import { referenceModels } from '../models/reference.ts';
import type { Core } from './core.ts';

/** Prints, once for each policy that becomes active, which of its conditions need a budget. */
export function budgetNotice(
  { policies, budgets }: Core,
  printLine: (line: string) => void,
): () => void {
  let lastNoticed: Policy | undefined;
  return () => {
    const { policy, source } = policies.current();
    if (policy === lastNoticed || budgets.states().length > 0) return;
    lastNoticed = policy;
    const line = neverWithoutBudget(policy, source);
    if (line !== undefined) printLine(line);
  };
}

/** The small and the large target: upstream and model, or how to configure one. */
export function upstreamLines({ upstreams, policies }: Core): readonly string[] {
  const { small, large } = policies.current().policy.targets;
  return [small, large].map(({ upstream: name, model }, index) => {
    const label = (index === 0 ? 'small' : 'large').padEnd(10);
    const facts = upstreams.get(name)?.facts();
    if (facts === undefined) {
      return `${label}not configured: ${index === 1 ? 'hard requests are answered by the small model, and say so. Set OPENAI_API_KEY to have a cloud' : 'everything goes to the large model'}`;
    }
    const window =
      facts.contextTokens === undefined ? '' : `, window ${facts.contextTokens} tokens`;
    const shown = model ?? facts.model;
    const english = isMadeForEnglish(shown) ? ', made for English' : '';
    return `${label}${name}/${shown} (${facts.locality}${window}${english})`;
  });
}

/** By its maker; false where that is not known. What is asked of it in another language is answered at length, and badly. */
export const isMadeForEnglish = (model: string): boolean =>
  referenceModels()(model)?.languages === 'English';

/** The active policy, and the complexity from which it asks the large model. */
export function policyLine({ policies }: Core): string {
  const { policy } = policies.current();
  return `${policy.name}@${policy.version}: large at complexity ${policy.threshold.value.toFixed(2)} and above (${policy.threshold.from})`;
}
