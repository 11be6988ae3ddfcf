/** What a gateway says to people when it starts. */
import type { Policy } from '../core/policy.ts';
import { neverWithoutBudget } from '../policy/without-budget.ts';
import type { Core } from './core.ts';

/** Says once for each policy that comes into force which of its conditions wait for a budget. */
export function budgetNotice({ policies }: Core, say: (line: string) => void): () => void {
  let saidOf: Policy | undefined;
  return () => {
    const { policy } = policies.current();
    if (policy === saidOf) return;
    saidOf = policy;
    const line = neverWithoutBudget(policy);
    if (line !== undefined) say(line);
  };
}

/** The small and the large target: which upstream and model, or what it takes to have one. */
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
    return `${label}${name}/${model ?? facts.model} (${facts.locality}${window})`;
  });
}

/** The policy in force, and from which complexity on it asks the large model. */
export function policyLine({ policies }: Core): string {
  const { policy } = policies.current();
  return `${policy.name}@${policy.version}: large at complexity ${policy.threshold.value.toFixed(2)} and above (${policy.threshold.from})`;
}
