/** Policies by version: the active one, and earlier ones from the store. */
import type { PolicyStore } from '../core/policy-store.ts';
import type { Policy } from '../core/policy.ts';
import { ProblemsError } from '../lib/problems.ts';
import type { PolicySource } from '../policy/shipped.ts';
import type { ActivePolicies } from './active-policy.ts';

/** Undefined for a version that was never stored, or that is invalid in the current configuration. */
export type PolicyByVersion = (version: string) => Promise<Policy | undefined>;

export function policyByVersion(
  policies: ActivePolicies,
  store: Pick<PolicyStore, 'get'>,
): PolicyByVersion {
  return async (version) => {
    const { policy } = policies.current();
    if (policy.version === version) return policy;
    const stored = await store.get(version);
    return stored && (await readable(stored, policies));
  };
}

/** Undefined for a text that is invalid in the current configuration. */
async function readable(
  source: PolicySource,
  policies: Pick<ActivePolicies, 'read'>,
): Promise<Policy | undefined> {
  try {
    return await policies.read(source);
  } catch (error) {
    if (error instanceof ProblemsError) return undefined;
    throw error;
  }
}

/** The policies of these versions, one after the other; without those that are invalid in the current configuration. */
export async function readableOf(
  sources: readonly PolicySource[],
  policies: Pick<ActivePolicies, 'read'>,
): Promise<readonly Policy[]> {
  const found: Policy[] = [];
  for (const source of sources) {
    const policy = await readable(source, policies);
    if (policy !== undefined) found.push(policy);
  }
  return found;
}
